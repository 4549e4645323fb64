"""How long a file waits to be used: it may be used for a day, and is erased after three, when nobody can have used it unheard."""

from __future__ import annotations

from datetime import datetime

from contracts.attachments import KEPT_UNUSED, USABLE


def oldest_usable(now: datetime) -> datetime:
    """When a file came that may just be used."""
    return now - USABLE


def oldest_kept(now: datetime) -> datetime:
    """When a file came that is just kept, though nobody uses it."""
    return now - KEPT_UNUSED
