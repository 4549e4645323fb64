"""Working time as one running count, so that a duration is a difference of two counts, whatever order events come in.

The count goes by the national production calendar (days off, transfers, working Saturdays; `chassis.national`) and the usual
hours of offices, Mon–Fri 9–18 with lunch 13–14 (forty hours a week, ТК РФ ст. 91), on the wall clock of the region. A region's own
days off and an organisation's own hours are not in it: a figure that compares organisations measures all by the same hours.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date, datetime
from functools import cache
from typing import Final

from chassis.national import load_year

_ANCHOR: Final = 2025  # the year at whose beginning the count is 0; any other gives the same differences
_FIRST, _LAST = 1991, 2050  # earlier and later moments are slips: the count stands still there
_HOUR: Final = 3600
_SPANS: Final = ((9 * _HOUR, 13 * _HOUR), (14 * _HOUR, 18 * _HOUR))
_SECONDS_A_DAY: Final = sum(closing - opening for opening, closing in _SPANS)


def working_seconds(local: datetime) -> int:
    """The count at a wall clock's time, in whole working seconds. It never falls, so that the least of several moments has
    the least count."""
    if not _FIRST <= local.year <= _LAST:
        return _days_before(min(max(local.year, _FIRST), _LAST + 1)) * _SECONDS_A_DAY
    days = _working_days(local.year)
    day = local.date()
    place = bisect_left(days, day)
    is_worked = place < len(days) and days[place] == day
    before = _days_before(local.year) + place
    return before * _SECONDS_A_DAY + (_seconds_of_day(local) if is_worked else 0)


def _seconds_of_day(local: datetime) -> int:
    passed = local.hour * _HOUR + local.minute * 60 + local.second
    return sum(min(max(passed - opening, 0), closing - opening) for opening, closing in _SPANS)


@cache
def _working_days(year: int) -> tuple[date, ...]:
    national = load_year(year)
    days = (
        date.fromordinal(each)
        for each in range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal())
    )
    return tuple(
        day for day in days if day not in national.off and (day.weekday() < 5 or day in national.worked)
    )


@cache
def _days_before(year: int) -> int:
    """Working days from the anchor to the beginning of a year; negative before it."""
    later = sum(len(_working_days(each)) for each in range(_ANCHOR, year))
    return later - sum(len(_working_days(each)) for each in range(year, _ANCHOR))
