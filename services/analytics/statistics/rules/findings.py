"""What statistics raise, as findings: with the days around, and how long each was seen to go on."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from services.analytics.statistics.rules.messages import Finding, FindingKind
from services.analytics.statistics.rules.registers import Register
from signals import Findings, Problem, follow
from signals.arrays import Floats
from signals.values import ProblemKind

KINDS: Final[dict[ProblemKind, FindingKind]] = {
    "burst": "burst",
    "hotspot": "hotspot",
    "chronic": "chronic",
    "new": "new_topic",
}
BEFORE: Final = 28  # days before a problem whose expectations are kept beside it
GOES_ON: Final = 2.0  # standard deviations above the expectation
GAP: Final = 3  # days without, after which it is over
GAPS: Final[dict[ProblemKind, int]] = {"burst": GAP, "hotspot": GAP, "new": 7, "chronic": 28}
_DAY: Final = timedelta(days=1)


def find(register: Register, holidays: Set[date], since: date) -> list[Finding]:
    """What is raised from a day on, in order of days."""
    cases = register.cases
    first = max((since - cases.first_day).days, 0)
    found = follow(cases, holidays, register.points, first)
    reader = _Reader(register, found)
    return [reader.read(problem) for problem in found.problems]


@dataclass(frozen=True, slots=True)
class _Reader:
    register: Register
    found: Findings

    def read(self, problem: Problem) -> Finding:
        detected = (problem.detected_on - self.register.cases.first_day).days
        counts, mean, variance = self._days_of(problem)
        started = max(detected - problem.days + 1, 0)
        last = last_day(counts, mean, variance, detected, GAPS[problem.kind])
        first = max(started - BEFORE, 0)
        return Finding(
            kind=KINDS[problem.kind],
            topic=problem.type,
            municipality=problem.place,
            started_on=self._date(started),
            detected_on=problem.detected_on,
            last_on=self._date(last),
            observed=problem.observed,
            expected=round(problem.expected, 3),
            p_value=problem.p_value,
            q_value=problem.q_value,
            lat=problem.lat,
            lon=problem.lon,
            radius_m=None if problem.radius is None else round(problem.radius),
            baseline_from=self._date(first),
            baseline=np.round(mean[first : last + 1], 3).tolist(),
        )

    def _days_of(self, problem: Problem) -> tuple[Floats, Floats, Floats]:
        """Of a problem by day: rows that count, and their expected mean and variance."""
        cases, series = self.register.cases, self.found.series
        kind = cases.types.index(problem.type)
        if problem.lat is not None:
            counts = self._rows_near(problem, kind)
            mean = np.full(series.days, problem.expected / problem.days)
            return counts, mean, mean
        at = kind
        if problem.place is not None:
            at = series.types + kind * series.places + cases.places.index(problem.place)
        if problem.kind == "chronic":
            mean = np.full(series.days, problem.expected / problem.days)
            return series.counts[at], mean, np.zeros(series.days)
        return series.counts[at], self.found.mean[at], self.found.variance[at]

    def _rows_near(self, problem: Problem, kind: int) -> Floats:
        """Rows of the type a day within the circle."""
        cases, points = self.register.cases, self.register.points
        rows = np.flatnonzero((cases.type == kind) & self.found.counted & ~np.isnan(cases.lat))
        scale = np.cos(np.radians(problem.lat or 0.0))
        north = np.radians(cases.lat[rows] - (problem.lat or 0.0))
        east = np.radians(cases.lon[rows] - (problem.lon or 0.0)) * scale
        near = rows[
            (np.hypot(north, east) * 6_371_008.8 <= (problem.radius or 0.0)) & (points.default_from[rows] > 0)
        ]
        return np.bincount(cases.day[near], minlength=cases.days).astype(np.float64)

    def _date(self, day: int) -> date:
        return self.register.cases.first_day + day * _DAY


def last_day(counts: Floats, mean: Floats, variance: Floats, detected: int, gap: int) -> int:
    """The last day with more than expected and chance explain, before so many days without."""
    beyond = counts > mean + GOES_ON * np.sqrt(variance)
    last = detected
    for day in np.flatnonzero(beyond[detected + 1 :]) + detected + 1:
        if day - last > gap:
            break
        last = int(day)
    return last
