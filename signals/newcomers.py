"""New topics: types that nobody wrote of before, and now several do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from signals.arrays import Ints
from signals.cases import Cases
from signals.scans import LEAST_EXPECTED
from signals.series import Series
from signals.tails import upper_tail

KNOWN_DAYS: Final = 28  # what has not been in so many days is new
SPAN: Final = 7
LEAST_ROWS: Final = 5


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A type, and its days since the first row."""

    type: int
    days: int
    observed: float
    p_value: float


def first_days(cases: Cases) -> Ints:
    """The day of each type's first row, whoever entered it."""
    _, firsts = np.unique(cases.type, return_index=True)
    return cases.day[firsts]


def newcomers_on(series: Series, firsts: Ints, day: int) -> Iterator[Newcomer]:
    """Types of the last week that have become several rows on this day."""
    if day < KNOWN_DAYS:
        return
    for each in np.flatnonzero((firsts > max(KNOWN_DAYS, day - SPAN)) & (firsts <= day)):
        since = series.counts[each, firsts[each] : day + 1]
        if since.sum() >= LEAST_ROWS > since[:-1].sum():
            expected = np.array([LEAST_EXPECTED])
            p_value = upper_tail(np.array([since.sum()]), expected, expected)
            yield Newcomer(int(each), len(since), float(since.sum()), float(p_value[0]))
