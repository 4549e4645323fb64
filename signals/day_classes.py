"""Days that are alike: a day's class is its weekday, a holiday counts as a Sunday, the day after one as a Monday."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from signals.arrays import Flags, Ints

CLASSES: Final = 7
MONDAY, SATURDAY, SUNDAY = 0, 5, 6
# Working days, Saturdays, Sundays: classes of one group resemble each other.
GROUPS: Final = (range(MONDAY, SATURDAY), range(SATURDAY, SUNDAY), range(SUNDAY, CLASSES))
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """By day: its class (0..6), its weekday (0 is Monday), whether it is a holiday."""

    classes: Ints
    weekdays: Ints
    holidays: Flags


def calendar_of(first_day: date, days: int, holidays: Set[date]) -> Calendar:
    """Of so many days from the first on."""
    dates = [first_day + number * _DAY for number in range(days)]
    return Calendar(
        np.array([_class_of(day, holidays) for day in dates], dtype=np.int64),
        np.array([day.weekday() for day in dates], dtype=np.int64),
        np.array([day in holidays for day in dates], dtype=np.bool_),
    )


def _class_of(day: date, holidays: Set[date]) -> int:
    if day in holidays:
        return SUNDAY
    # What was not reported on a holiday comes with the next working day, as after a weekend.
    if day.weekday() < SATURDAY and day - _DAY in holidays:
        return MONDAY
    return day.weekday()
