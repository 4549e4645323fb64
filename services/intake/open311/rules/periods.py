"""Spans of time as the standard asks for them (GeoReport v2, GET Service Requests)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from chassis.faults import Wording

LONGEST: Final = timedelta(days=90)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)"
    r"([Zz]|[+ -][0-9]{2}:?[0-9]{2})"
)
_FIRST, _LAST = datetime(1970, 1, 2, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` on, up to and including `end`."""

    start: datetime
    end: datetime


def read_moment(name: str, written: str | None, zone: tzinfo) -> datetime | None:
    """An instant with its offset, or a day, which begins at midnight of the region; None for nothing.

    A plus sign that nobody escaped arrives as a space. ValueError for anything else.
    """
    if not written:
        return None
    try:
        moment = _read(written.strip(), zone)
    except (ValueError, OverflowError):
        moment = None
    if moment is None or not _FIRST <= moment <= _LAST:
        raise ValueError(Wording("{name} is no instant like 2026-11-29T09:30:00+03:00", {"name": name}))
    return moment


def _read(written: str, zone: tzinfo) -> datetime | None:
    if _DAY.fullmatch(written):
        return datetime.combine(date.fromisoformat(written), time(), zone)
    found = _INSTANT.fullmatch(written)
    if found is None:
        return None
    day, clock, offset = found.groups()
    return datetime.fromisoformat(f"{day}T{clock}{offset.replace(' ', '+').upper()}")


def requested_within(start: datetime | None, end: datetime | None, now: datetime) -> Period:
    """When requests were made that a list is about: at most 90 days, the last ones where nothing is said.

    ValueError for a span that is longer, or that ends before it starts.
    """
    if start is None:
        end = end or now
        return Period(end - LONGEST, end)
    if end is None:
        return Period(start, start + LONGEST)
    if end < start:
        raise ValueError("end_date lies before start_date")
    if end - start > LONGEST + timedelta(days=1):  # days are of 23 to 25 hours
        raise ValueError("start_date and end_date may not lie more than 90 days apart")
    return Period(start, end)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The last second of a day: a deadline ends with it (59-ФЗ ст. 12 counts days)."""
    return datetime.combine(day, time(23, 59, 59), zone)
