"""The time of now."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """What the pages call now."""
    return datetime.now(UTC)
