"""Figures of proofs: printed as JSON lines, and appended to the file that `make prove` reads."""

from __future__ import annotations

import json
import os
from typing import Any


def tell(name: str, **figures: Any) -> None:
    """One line."""
    line = json.dumps({"proof": name, **figures}, ensure_ascii=False, default=str)
    print(line)
    if file := os.environ.get("OTKLIK_PROOFS"):
        with open(file, "a", encoding="utf-8") as handle:
            handle.write(line + "\n")
