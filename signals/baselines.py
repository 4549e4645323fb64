"""What is to be expected of every series on a day, from its own past alone.

expected = profile[class of the day] × level. The profile are means by day class, drawn to those of the type and of all
types where the series is thin; the level is how the last weeks were against it. Days that were extreme enter the past
only up to a limit, so that a problem does not become what is expected. The variance is that of a negative binomial,
`m + a·m²` with `a` by moments from the residuals of the type (Cameron and Trivedi, Regression Analysis of Count Data).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from signals.arrays import Flags, Floats, Ints
from signals.day_classes import CLASSES, GROUPS
from signals.series import Series

FIRST_DAYS: Final = 14  # before them nothing is expected: two of each weekday
MEMORY: Final = 84  # days that profiles are made of
HALF_LIFE: Final = 14.0  # days, of the level
LIMIT: Final = 3.0  # standard deviations a day may lie above its expectation when it becomes past
# How many days (of profiles), or rows (of levels), the wider series weighs beside a series' own.
GROUP_DAYS, TYPE_DAYS, PLACE_DAYS = 2.0, 4.0, 6.0
TYPE_ROWS, PLACE_ROWS, POPULATION_ROWS = 2.0, 4.0, 2.0
# Dispersion: what all types together weigh beside one, and what it is never below.
COMMON_DAYS: Final = 10.0
LEAST_DISPERSION: Final = 0.01
BEFORE_ANY: Final = 0.1
YEAR: Final = 364  # whole weeks
SEASON: Final = 7  # days on either side that the season of a year ago is read from
SEASON_ROWS: Final = 20.0


@dataclass(frozen=True, slots=True)
class Expectation:
    """Of one day, by series: mean, variance of the day, and how many rows the mean rests on."""

    mean: Floats
    variance: Floats
    support: Floats


class Baseline:
    """Expectations day by day. `expect` asks for a day, `learn` adds its counts to the past."""

    def __init__(self, series: Series, classes: Ints) -> None:
        self._series = series
        self._classes = classes
        self._past = np.zeros_like(series.counts)
        self._past[:, :FIRST_DAYS] = limited_start(series.counts[:, :FIRST_DAYS], classes[:FIRST_DAYS])
        self._excess = np.zeros(len(series.counts))
        self._squares = np.zeros(len(series.counts))

    def expect(self, day: int) -> Expectation:
        """Of a day after the first fourteen, all of whose predecessors were learnt."""
        days = np.arange(max(0, day - MEMORY), day)
        weights = 0.5 ** ((day - 1 - days) / HALF_LIFE)
        classes, today = self._classes[days], self._classes[day]
        wide = self._past[: self._series.types, days]
        profile = type_profiles(wide, classes)
        level, support = levels_of(wide, profile[:, classes], weights, np.ones(len(wide)), TYPE_ROWS)
        season = self._season(day)
        narrow = self._past[self._series.types :, days]
        own = place_profiles(narrow, classes, profile, wide.sum(axis=1))
        around = np.repeat(level, self._series.places)
        own_level, own_support = levels_of(narrow, own[:, classes], weights, around, PLACE_ROWS)
        mean = np.concatenate(
            [
                profile[:, today] * level * season,
                own[:, today] * own_level * np.repeat(season, self._series.places),
            ]
        )
        mean = np.maximum(mean, 1e-3)
        dispersion = self._dispersion()
        return Expectation(mean, mean + dispersion * mean**2, np.concatenate([support, own_support]))

    def given_the_day(self, day: int, expected: Expectation) -> Expectation:
        """The same when it is known how the day went: a place expects more of a type where other places have more.

        The rest of the type says how the day was, as far as it has rows: with a gamma prior of mean 1 and the type's
        dispersion as its variance (the conjugate of the Poisson). No single place says more than the limit.
        """
        types, parent = self._series.types, self._series.parents[self._series.types :]
        counts, mean = self._series.counts[:, day], expected.mean[types:]
        limited = np.minimum(counts, limit_of(expected))[types:]
        beyond = np.bincount(parent, counts[types:] - limited, types)
        rest = (counts[:types] - beyond)[parent] - limited
        rest_mean = np.maximum(expected.mean[parent] - mean, 0)
        prior = 1 / self._dispersion()[parent]
        factor = np.concatenate([np.ones(types), (rest + prior) / (rest_mean + prior)])
        dispersion = (expected.variance - expected.mean) / expected.mean**2
        mean = expected.mean * factor
        return Expectation(mean, mean + dispersion * mean**2, expected.support)

    def learn(self, day: int, expected: Expectation) -> None:
        """Take a day's counts into the past, up to the limit."""
        counts, mean = self._series.counts[:, day], expected.mean
        spread = np.sqrt(expected.variance)
        self._past[:, day] = np.minimum(counts, limit_of(expected))
        squares = np.minimum((counts - mean) ** 2, (3 * spread) ** 2)
        informative = mean > 0.2
        # A day says as much of a large series as of one with a row a day, and less of a smaller one.
        size = np.maximum(mean, 1) ** 2
        self._excess += np.where(informative, (squares - mean) / size, 0)
        self._squares += np.where(informative, mean**2 / size, 0)

    def _dispersion(self) -> Floats:
        """`a` by series: its type's, drawn to that of all; types and places apart."""
        parents, local = self._series.parents, self._series.local
        result = np.full(len(parents), BEFORE_ANY)
        for part in (local, ~local):
            known = self._squares[part].sum()
            if known > 0:
                result[part] = self._dispersion_in(part, parents, self._excess[part].sum() / known)
        return result

    def _dispersion_in(self, part: Flags, parents: Ints, common: float) -> Floats:
        excess = np.bincount(parents[part], self._excess[part], self._series.types)
        squares = np.bincount(parents[part], self._squares[part], self._series.types)
        by_type = (excess + COMMON_DAYS * max(common, LEAST_DISPERSION)) / (squares + COMMON_DAYS)
        return np.maximum(by_type, LEAST_DISPERSION)[parents[part]]

    def _season(self, day: int) -> Floats:
        """By type: how a year ago these days were against the weeks before them; 1 where no year is known."""
        then = day - YEAR
        if then < FIRST_DAYS + MEMORY // 3:
            return np.ones(self._series.types)
        past = self._past[: self._series.types]
        these = past[:, then - SEASON : then + SEASON + 1].mean(axis=1)
        before = past[:, then - MEMORY // 3 : then].mean(axis=1)
        rows = SEASON_ROWS / (2 * SEASON + 1)
        return np.asarray((these + rows) / (before + rows))


def limit_of(expected: Expectation) -> Floats:
    """What a day may have and still be ordinary."""
    return np.asarray(expected.mean + LIMIT * np.sqrt(expected.variance) + 0.5)


def limited_start(counts: Floats, classes: Ints) -> Floats:
    """The first days, none far above the median of its group of days."""
    limited = counts.copy()
    for group in GROUPS:
        alike = np.isin(classes, group)
        if alike.any():
            middle = np.median(counts[:, alike], axis=1, keepdims=True)
            limited[:, alike] = np.minimum(counts[:, alike], middle + LIMIT * np.sqrt(middle + 0.5) + 1)
    return limited


def type_profiles(counts: Floats, classes: Ints) -> Floats:
    """Expected rows by type and day class."""
    shape = _common_shape(counts, classes)
    overall = counts.mean(axis=1)
    prior = np.zeros((len(counts), CLASSES))
    for group in GROUPS:
        members = list(group)
        alike = np.isin(classes, members)
        height = shape[members].mean()
        mean = (counts[:, alike].sum(axis=1) + GROUP_DAYS * overall * height) / (alike.sum() + GROUP_DAYS)
        prior[:, members] = mean[:, None] * shape[members] / height
    return _class_means(counts, classes, prior, TYPE_DAYS)


def place_profiles(counts: Floats, classes: Ints, profile: Floats, totals: Floats) -> Floats:
    """Expected rows by type, place and day class: the type's profile by the place's share, drawn to its own."""
    types = len(profile)
    if not len(counts):
        return np.zeros((0, CLASSES))
    rows = counts.reshape(types, -1, counts.shape[1]).sum(axis=2)
    population = rows.sum(axis=0) / max(rows.sum(), 1.0)
    share = (rows + POPULATION_ROWS * population) / (totals[:, None] + POPULATION_ROWS)
    prior = (share[:, :, None] * profile[:, None, :]).reshape(-1, CLASSES)
    return _class_means(counts, classes, prior, PLACE_DAYS)


def levels_of(
    counts: Floats, expected: Floats, weights: Floats, prior: Floats, rows: float
) -> tuple[Floats, Floats]:
    """How the newest days are against the profile, drawn to `prior` by so many rows; and the rows that this rests on."""
    support = expected @ weights + rows
    return (counts @ weights + rows * prior) / support, support


def _common_shape(counts: Floats, classes: Ints) -> Floats:
    """Day classes of all types together, 1 on average; a class that has not been yet is as its group, or as any day."""
    total = counts.sum(axis=0)
    mean = max(float(total.mean()), 1e-9)
    shape = np.ones(CLASSES)
    for group in GROUPS:
        alike = np.isin(classes, group)
        if alike.any():
            shape[list(group)] = total[alike].mean() / mean
    for each in range(CLASSES):
        alike = classes == each
        if alike.any():
            shape[each] = total[alike].mean() / mean
    return np.maximum(shape, 0.02)


def _class_means(counts: Floats, classes: Ints, prior: Floats, days: float) -> Floats:
    """Means by day class, drawn to `prior` by so many days."""
    member = (classes[:, None] == np.arange(CLASSES)).astype(np.float64)
    return np.asarray((counts @ member + days * prior) / (member.sum(axis=0) + days))
