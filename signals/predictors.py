"""Methods that predict a day of daily counts, from simple to good. All predict a median: errors are counted absolutely.

A method gets the past up to some days before the day (`Past`), and answers one number per series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from signals.arrays import Floats, Ints
from signals.day_classes import CLASSES, GROUPS, SATURDAY, SUNDAY, Calendar
from signals.values import Method

SAME_WEEKDAYS: Final = 8
# Profiles: means of square roots, which a single large day moves little; how many days the group weighs beside a class.
GROUP_DAYS: Final = 20.0
LIMIT: Final = 1.5  # square roots of the expectation a day may lie above it in a level
SMOOTHINGS: Final = (4.0, 14.0)  # half-lives of levels, days
ANALOGUES: Final = ((20.0, 0.3), (40.0, 0.1))  # half-life; what another class of the same group weighs
LEVEL_ROWS: Final = 3.0
LONGEST: Final = 371  # days that anything is learnt from


@dataclass(frozen=True, slots=True)
class Past:
    """Counts by series and day up to the last known one; the calendar goes on to the day that is predicted."""

    counts: Floats
    calendar: Calendar
    day: int

    @property
    def known(self) -> Ints:
        """The days that are known."""
        last = self.counts.shape[1]
        return np.arange(max(0, last - LONGEST), last)


Predictor = Callable[[Past], Floats]


def past_of(counts: Floats, calendar: Calendar, day: int, horizon: int) -> Past:
    """What is known of a day so many days before it."""
    return Past(counts[:, : day - horizon + 1], calendar, day)


def seasonal_naive(past: Past) -> Floats:
    """The last known day of the same weekday."""
    last = past.counts.shape[1] - 1
    return past.counts[:, last - (last - past.day) % 7]


def calendar_median(past: Past) -> Floats:
    """The median of the last eight same weekdays that were no holidays; of a holiday that of holidays and Sundays."""
    days, calendar = past.known, past.calendar
    if calendar.holidays[past.day]:
        alike = days[calendar.holidays[days] | (calendar.weekdays[days] == SUNDAY)]
    else:
        same = calendar.weekdays[days] == calendar.weekdays[past.day]
        alike = days[same & ~calendar.holidays[days]][-SAME_WEEKDAYS:]
    if not len(alike):
        return np.asarray(past.counts[:, -7:].mean(axis=1))
    return np.asarray(np.median(past.counts[:, alike], axis=1))


def smoothing(past: Past) -> Floats:
    """A calendar profile times a level that is smoothed exponentially; large days enter the level up to a limit."""
    days, profile = past.known, root_profile(past)
    expected = profile[:, past.calendar.classes[days]]
    counts = np.minimum(past.counts[:, days], expected + LIMIT * np.sqrt(expected + 1))
    rows = LEVEL_ROWS * expected.mean(axis=1)
    levels = []
    for half_life in SMOOTHINGS:
        weights = 0.5 ** ((days[-1] - days) / half_life)
        levels.append((counts @ weights + rows) / np.maximum(expected @ weights + rows, 1e-9))
    return np.asarray(profile[:, past.calendar.classes[past.day]] * np.mean(levels, axis=0))


def analogues(past: Past) -> Floats:
    """A median of days of the same kind, brought to the day's class, near ones weighing more."""
    return np.asarray(np.mean([_analogue(past, *each) for each in ANALOGUES], axis=0))


def combination(past: Past) -> Floats:
    """The median of the good ones."""
    return np.asarray(np.median([calendar_median(past), smoothing(past), analogues(past)], axis=0))


PREDICTORS: Final[Mapping[Method, Predictor]] = {
    "seasonal_naive": seasonal_naive,
    "calendar_median": calendar_median,
    "smoothing": smoothing,
    "analogues": analogues,
    "combination": combination,
}


def root_profile(past: Past) -> Floats:
    """Expected counts by series and day class, each drawn to its group's."""
    days = past.known
    roots, classes = np.sqrt(past.counts[:, days]), past.calendar.classes[days]
    profile = np.zeros((len(roots), CLASSES))
    overall = roots.mean(axis=1)
    for group in GROUPS:
        alike = np.isin(classes, group)
        mean = roots[:, alike].mean(axis=1) if alike.any() else overall
        for each in group:
            chosen = classes == each
            rows = roots[:, chosen].sum(axis=1)
            profile[:, each] = (rows + GROUP_DAYS * mean) / (chosen.sum() + GROUP_DAYS)
    return profile**2 + 0.05


def _analogue(past: Past, half_life: float, other: float) -> Floats:
    days, profile = past.known, root_profile(past)
    classes, today = past.calendar.classes[days], past.calendar.classes[past.day]
    same_kind = (classes < SATURDAY) == (today < SATURDAY)
    likeness = np.where(classes == today, 1.0, np.where(same_kind, other, 0.0))
    weights = likeness * 0.5 ** ((days[-1] - days) / half_life)
    if not weights.any():
        return profile[:, today]
    used = weights > 1e-6
    values = past.counts[:, days[used]] * profile[:, [today]] / profile[:, classes[used]]
    return weighted_median(values, weights[used])


def weighted_median(values: Floats, weights: Floats) -> Floats:
    """Of each row, between the two values around the middle of the weights."""
    order = np.argsort(values, axis=1)
    ordered = np.take_along_axis(values, order, axis=1)
    each = weights[order]
    places = (np.cumsum(each, axis=1) - each / 2) / weights.sum()
    return np.array([np.interp(0.5, place, row) for place, row in zip(places, ordered, strict=True)])
