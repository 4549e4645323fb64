"""Periods of local days, the one before, and the points of a series."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from contracts.territories import find_zone

Grain = Literal["hour", "day", "week", "month"]
MOST_POINTS = 5_000
MOST_POINTS_OF_ALL_SERIES = 50_000
# Figures of several regions count every appeal by its own region's clock; their points are labelled in Moscow time.
COMMON_ZONE = "Europe/Moscow"
_STEPS = {"hour": timedelta(hours=1), "day": timedelta(days=1), "week": timedelta(days=7)}


@dataclass(frozen=True)
class Period:
    """Local days from `start` (inclusive) to `end` (exclusive); an open end means everything."""

    start: date | None = None
    end: date | None = None

    def previous(self) -> Period | None:
        """The period of the same length just before; None when this one is open."""
        if self.start is None or self.end is None:
            return None
        return Period(self.start - (self.end - self.start), self.start)

    def until_end(self) -> Period:
        """Everything before this period's end."""
        return Period(None, self.end)


def start_of(at: datetime, grain: Grain) -> datetime:
    """The beginning of the hour, day, week (Monday) or month, as Postgres' date_trunc."""
    if grain == "hour":
        return at.replace(minute=0, second=0, microsecond=0)
    day = at.replace(hour=0, minute=0, second=0, microsecond=0)
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def next_start(start: datetime, grain: Grain) -> datetime:
    """The beginning of the following one."""
    if grain == "month":
        return (start + timedelta(days=32)).replace(day=1)
    return start + _STEPS[grain]


def count_points(start: date, end: date, grain: Grain) -> int:
    """An upper bound, without making them."""
    days = (end - start).days
    return {"hour": days * 24, "day": days, "week": days // 7 + 2, "month": days // 28 + 2}[grain]


def points_between(start: date, end: date, grain: Grain) -> list[datetime]:
    """Local beginnings of every step that touches [start, end)."""
    at, last = start_of(datetime.combine(start, time()), grain), datetime.combine(end, time())
    points = []
    while at < last:
        points.append(at)
        at = next_start(at, grain)
    return points


def label_of(at: datetime, region: str | None) -> datetime:
    """A local beginning as an instant with its offset."""
    return at.replace(tzinfo=zone_of(region))


def zone_of(region: str | None) -> ZoneInfo:
    """A region's clock; of several regions the capital's."""
    return ZoneInfo(find_zone(region) if region else COMMON_ZONE)


def today_in(region: str | None, now: datetime) -> date:
    """The local day."""
    return now.astimezone(zone_of(region)).date()
