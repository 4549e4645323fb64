"""How long an uploaded file waits to be used, wherever it is known of."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

USABLE: Final = timedelta(hours=24)
# Whoever used a file at the last moment may be heard of days later, where messages wait.
KEPT_UNUSED: Final = timedelta(days=3)
