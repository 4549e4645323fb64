"""Problems of a register, found day by day: a day knows nothing but the days before it."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from signals.arrays import Flags, Floats, Ints
from signals.baselines import FIRST_DAYS, Baseline
from signals.batches import independent_rows
from signals.bursts import Burst, Bursts
from signals.cases import NOWHERE, Cases
from signals.chronic import SPAN, Chronic, ChronicPlaces
from signals.day_classes import calendar_of
from signals.hotspots import HotSpot, HotSpots
from signals.newcomers import KNOWN_DAYS, Newcomer, first_days, newcomers_on
from signals.points import Points, points_of
from signals.scans import WINDOWS, Recent
from signals.series import Series, series_of
from signals.values import Problem, ProblemKind

# The first day on which bursts are looked for: a whole window has been expected. The map needs more of a past.
BURSTS_FROM: Final = FIRST_DAYS + WINDOWS - 1
MAP_FROM: Final = 28
NEW_DAYS: Final = 14  # so long a new topic is no burst of itself
COVERED_DAYS: Final = 7  # so long a burst's place is not raised on the map as well


@dataclass(frozen=True, slots=True)
class Findings:
    """What was raised, in order of days, and what it was compared with: `counted` says which rows count, `mean` and
    `variance` what was expected of each series on each day (0 on the first days)."""

    problems: list[Problem]
    series: Series
    counted: Flags
    mean: Floats
    variance: Floats


def find_problems(cases: Cases, holidays: Set[date], since: int = 0) -> list[Problem]:
    """What is raised on each day from `since` on, in order of days. `holidays`: local ones, of all years of the rows."""
    return follow(cases, holidays, points_of(cases), since).problems


def follow(cases: Cases, holidays: Set[date], points: Points, since: int = 0) -> Findings:
    """The same with what was expected. `points`: where rows are, for who knows better than their coordinates say."""
    counted = independent_rows(cases)
    series = series_of(cases, counted)
    classes = calendar_of(cases.first_day, cases.days, holidays).classes
    watch = _Watch(cases, series, points, counted, classes)
    problems = [each for day in range(FIRST_DAYS, series.days) for each in watch.step(day) if day >= since]
    return Findings(problems, series, counted, watch.mean, watch.variance)


class _Watch:
    """All that looks at a register, one day after the other."""

    def __init__(self, cases: Cases, series: Series, points: Points, counted: Flags, classes: Ints) -> None:
        self._cases, self._series = cases, series
        self._baseline = Baseline(series, classes)
        self._bursts = Bursts(series)
        self._map = HotSpots(cases, points, counted)
        self._chronic = ChronicPlaces(series)
        self._firsts = first_days(cases)
        self._means = np.zeros((len(series.counts), WINDOWS))
        self._variances = np.zeros_like(self._means)
        self._raised: dict[tuple[int, int], int] = {}  # type, place → the day of its last burst
        self.mean = np.zeros(series.counts.shape)
        self.variance = np.zeros(series.counts.shape)

    def step(self, day: int) -> Iterator[Problem]:
        """What is raised on a day."""
        expected = self._baseline.given_the_day(day, self._baseline.expect(day))
        self._means = _shifted(self._means, expected.mean)
        self._variances = _shifted(self._variances, expected.variance)
        self.mean[:, day], self.variance[:, day] = expected.mean, expected.variance
        for newcomer in newcomers_on(self._series, self._firsts, day):
            yield self._as_new(newcomer, day)
        if day >= BURSTS_FROM:
            counts = self._series.counts[:, day - WINDOWS + 1 : day + 1]
            recent = Recent(counts, self._means, self._variances, expected.support)
            yield from self._burst_problems(day, recent)
        if day >= MAP_FROM:
            yield from self._map_problems(day)
        for chronic in self._chronic.raise_on(day):
            yield self._of_series("chronic", chronic, day, SPAN)
        self._baseline.learn(day, expected)

    def _burst_problems(self, day: int, recent: Recent) -> Iterator[Problem]:
        for burst in self._bursts.raise_on(day, recent):
            kind = int(self._series.parents[burst.series])
            self._raised[kind, self._series.place_of(burst.series)] = day
            first, everywhere = self._firsts[kind], burst.series < self._series.types
            if not (everywhere and first > KNOWN_DAYS and day - first < NEW_DAYS):
                yield self._of_series("burst", burst, day, burst.days)

    def _map_problems(self, day: int) -> Iterator[Problem]:
        for spot in self._map.raise_on(day, self._means[: self._series.types]):
            place = _most_frequent(self._cases.place[spot.members])
            if day - self._raised.get((spot.type, place), -COVERED_DAYS) >= COVERED_DAYS:
                yield self._as_hot_spot(spot, place, day)

    def _of_series(self, kind: ProblemKind, found: Burst | Chronic, day: int, days: int) -> Problem:
        return Problem(
            kind=kind,
            type=self._cases.types[self._series.parents[found.series]],
            place=self._place(self._series.place_of(found.series)),
            detected_on=self._cases.date_of(day),
            days=days,
            observed=int(found.observed),
            expected=found.expected,
            p_value=found.p_value,
            q_value=found.q_value,
        )

    def _as_hot_spot(self, spot: HotSpot, place: int, day: int) -> Problem:
        return Problem(
            kind="hotspot",
            type=self._cases.types[spot.type],
            place=self._place(place),
            detected_on=self._cases.date_of(day),
            days=spot.days,
            observed=len(spot.members),
            expected=spot.expected,
            p_value=spot.p_value,
            q_value=spot.q_value,
            lat=float(self._cases.lat[spot.members].mean()),
            lon=float(self._cases.lon[spot.members].mean()),
            radius=spot.radius,
        )

    def _as_new(self, newcomer: Newcomer, day: int) -> Problem:
        return Problem(
            kind="new",
            type=self._cases.types[newcomer.type],
            place=None,
            detected_on=self._cases.date_of(day),
            days=newcomer.days,
            observed=int(newcomer.observed),
            expected=0.0,
            p_value=newcomer.p_value,
            q_value=newcomer.p_value,
        )

    def _place(self, place: int) -> str | None:
        return None if place == NOWHERE else self._cases.places[place]


def _shifted(table: Floats, newest: Floats) -> Floats:
    return np.concatenate([table[:, 1:], newest[:, None]], axis=1)


def _most_frequent(places: Ints) -> int:
    values, sizes = np.unique(places, return_counts=True)
    return int(values[np.argmax(sizes)])
