"""Days and years as a region's own clocks count them."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from contracts.territories import REGIONS


@lru_cache(maxsize=128)
def zone_of(region: str) -> ZoneInfo:
    """The zone whose midnight begins a region's days and years. KeyError for an unknown region."""
    return ZoneInfo(REGIONS[region].zone)


def local_day(region: str, at: datetime) -> date:
    """The day of an instant on the region's own calendar."""
    return at.astimezone(zone_of(region)).date()


def local_year(region: str, at: datetime) -> int:
    """The year of an instant on the region's own calendar."""
    return local_day(region, at).year
