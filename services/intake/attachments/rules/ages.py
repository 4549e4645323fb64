"""How long a file waits to be used."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

USABLE: Final = timedelta(hours=24)
# Whoever used it at the last moment may be heard of a little later.
DELETED_AFTER: Final = USABLE + timedelta(hours=2)


def oldest_usable(now: datetime) -> datetime:
    """When a file came that may just be used."""
    return now - USABLE


def oldest_kept(now: datetime) -> datetime:
    """When a file came that is just kept, though nobody uses it."""
    return now - DELETED_AFTER
