"""What is said of an appeal's text before others read it."""

from __future__ import annotations

from typing import Literal

# What a region may hold an appeal for. A danger to somebody's life never holds one.
HoldingFlag = Literal["empty", "flood", "obscene", "threat", "personal", "not_appeal", "statutory_channel"]
Flag = HoldingFlag | Literal["danger"]
