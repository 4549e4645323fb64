"""Whether a day was calmer or tenser than days like it: same weekday, working or not by the national production calendar.

Expected is the median of the like days of the eight weeks before; the band holds four such days of five, with the variance of a
negative binomial, `m + a·m²`, `a` by moments from those days (at least chance alone, `a = 0`). Where few come the middle of the days
is often nought, and a root of it no measure: there the band goes up to what nine such days of ten do not exceed, by that
distribution with the mean that the days leave uncertain (the gamma posterior of Jeffreys' prior).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean, median
from typing import Final, Literal

from chassis.national import load_year

WEEKS: Final = 8
REACH: Final = 1.2816  # of 80 %
LEAST_DAYS: Final = 3
FEW: Final = 30  # appeals a day, below which chance is counted one by one
_NOT_EXCEEDED: Final = 0.9
MINUTES_BY_HAND: Final = 20  # to sort one appeal, as it was measured elsewhere (arXiv 2604.03672)
Level = Literal["calmer", "usual", "tenser"]


@dataclass(frozen=True, slots=True)
class Usual:
    """What was to be expected of a day, with 80 %; on how many days it rests."""

    expected: float
    low: float
    high: float
    days: int


def is_working(day: date) -> bool:
    """By the national production calendar, transfers and working Saturdays included."""
    year = load_year(day.year)
    return day in year.worked or (day.weekday() < 5 and day not in year.off)


def like_days(day: date) -> list[date]:
    """The same weekdays of the eight weeks before that were as much of a working day; a holiday is like free Sundays."""
    before = [day - timedelta(days=shift) for shift in range(1, 7 * WEEKS + 1)]
    alike = [each for each in before if is_working(each) == is_working(day)]
    same = [each for each in alike if each.weekday() == day.weekday()]
    return same if len(same) >= LEAST_DAYS else alike


def usual_of(counts: Sequence[float]) -> Usual | None:
    """Of like days; None of too few."""
    if len(counts) < LEAST_DAYS:
        return None
    middle, average = median(counts), mean(counts)
    squares = sum((count - average) ** 2 for count in counts) / (len(counts) - 1)
    beyond = max(0.0, (squares - average) / average**2) if average else 0.0
    reach = REACH * math.sqrt((middle + beyond * middle**2) * (1 + 1 / len(counts)))
    high = middle + reach
    if average < FEW:
        known = sum(counts) + 0.5
        high = max(high, _most(known / len(counts), beyond + 1 / known))
    return Usual(middle, max(0.0, middle - reach), high, len(counts))


def _most(average: float, beyond: float) -> float:
    """What nine of ten numbers do not exceed, of a negative binomial with this mean and `a`."""
    size, odds, number = 1 / beyond, beyond * average / (1 + beyond * average), 0
    probability = passed = (1 + beyond * average) ** -size
    while passed < _NOT_EXCEEDED:
        probability *= (number + size) / (number + 1) * odds
        number, passed = number + 1, passed + probability
    return float(number)


def level_of(received: float, usual: Usual | None, *, is_over: bool = True) -> Level | None:
    """None where nobody knows what is usual, or what a day that is not over will still bring: it may be tenser already."""
    if usual is None:
        return None
    if received > usual.high:
        return "tenser"
    if not is_over:
        return None
    return "calmer" if received < usual.low else "usual"


def counts_on(days: Sequence[date], counts: Mapping[date, float], since: date | None) -> list[float]:
    """What came on each of the days; days before the first appeal of all are no days without any."""
    return [counts.get(day, 0.0) for day in days if since is not None and day >= since]
