"""The national production calendar: days off, transfers and working weekends, year by year, from
`holidays`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import holidays

KNOWN_UNTIL: Final = 2027
"""The last year whose transfers the government has decreed and `holidays` 0.109 knows. Later years have only
the statutory dates (ТК РФ ст. 112), so a deadline there is not certain."""

# Non-working holidays of ТК РФ ст. 112, (month, day). A day in lieu of one is a day off but not a holiday.
_STATUTORY: Final = frozenset(
    {*((1, day) for day in range(1, 9)), (2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}
)
_DAY: Final = timedelta(days=1)
_MOVED_FROM: Final = re.compile(r"перенесено с (\d{2})\.(\d{2})\.(\d{4})")


@dataclass(frozen=True, slots=True)
class NationalYear:
    """One year. `off`: days that do not work whatever their weekday, with the reason in Russian. `worked`:
    weekends that work. `eves`: working days one hour shorter (ТК РФ ст. 95), for calendars that want them."""

    off: Mapping[date, str]
    worked: frozenset[date]
    eves: frozenset[date]


@lru_cache(maxsize=256)
def load_year(year: int) -> NationalYear:
    """The national year; only statutory dates after `KNOWN_UNTIL`."""
    table = holidays.country_holidays("RU", years=year, language="ru")
    names = {day: name for day, name in table.items() if day.year == year}
    worked = frozenset(day for day in table.weekend_workdays if day.year == year)
    off = {day: _render_reason(name) for day, name in names.items()}
    return NationalYear(off, worked, _find_eves(year, names, worked))


def _render_reason(name: str) -> str:
    """The package's name of a day off, short enough for a sentence."""
    found = _MOVED_FROM.search(name)
    return f"перенос выходного с {'.'.join(found.groups())}" if found else name.removesuffix(" (выходной)")


def _find_eves(year: int, off: Mapping[date, str], worked: frozenset[date]) -> frozenset[date]:
    holidays_of_both = (date(each, month, day) for each in (year, year + 1) for month, day in _STATUTORY)
    eves = {holiday - _DAY for holiday in holidays_of_both} - off.keys()
    regular = {eve for eve in eves if eve.year == year and (eve.weekday() < 5 or eve in worked)}
    # A working Saturday keeps the length of the day it was swapped with (Порядок № 588н от 13.08.2009, п. 1):
    # when that day stood before a holiday, the Saturday is the short one (2 November 2024, 1 November 2025).
    swaps = ((rest, _MOVED_FROM.search(reason)) for rest, reason in off.items())
    sources = {rest: date(int(found[3]), int(found[2]), int(found[1])) for rest, found in swaps if found}
    swapped = {source for rest, source in sources.items() if _precedes_holiday(rest)}
    return frozenset(regular | (swapped & worked))


def _precedes_holiday(day: date) -> bool:
    following = day + _DAY
    return (following.month, following.day) in _STATUTORY
