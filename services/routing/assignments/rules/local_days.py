"""Days as the citizen counts them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from contracts.territories import find_zone


def local_day(at: datetime, region: str, municipality: str | None) -> date:
    """The date at a place."""
    return at.astimezone(ZoneInfo(find_zone(region, municipality))).date()
