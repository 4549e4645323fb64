"""An invented register whose truth is known: seasons, weekdays, places of all sizes, days that are busy for all, and
problems planted among them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from signals import Case, Problem

FIRST: Final = date(2025, 1, 1)
WEEK: Final = np.array([1.35, 1.2, 1.15, 1.1, 1.05, 0.6, 0.55])
TYPES, PLACES = 24, 30
# What a problem adds a day: so many rows, or so many times the mean of its type and place.
SIZES: Final = {"small": (3.0, 0.5), "middle": (5.0, 1.0), "large": (9.0, 3.0)}
WARM: Final = 42  # days before the first problem
APART: Final = 21  # days between two of one type and place
SECONDS: Final = (7 * 3600, 22 * 3600)


@dataclass(frozen=True, slots=True)
class Planted:
    """A problem that is there."""

    type: str
    place: str
    begins: int
    days: int
    size: str

    def explains(self, problem: Problem) -> bool:
        """Whether what was raised is this: of its type, there or everywhere, while it lasts or a week after."""
        day = (problem.detected_on - FIRST).days
        here = problem.type == self.type and problem.place in (self.place, None)
        return here and self.begins <= day <= self.begins + self.days + 6


def invented_year(rows: int, days: int, problems: int, seed: int) -> tuple[list[Case], list[Planted]]:
    """About so many rows, and the problems planted in them, a third of each size."""
    chance = np.random.default_rng(seed)
    means = _means(rows, days, chance)
    busy = chance.gamma(12, 1 / 12, size=(TYPES, 1, days))
    counts = chance.poisson(means * busy)
    planted = _plant(counts, means, problems, chance)
    return _as_rows(counts, chance), planted


def _means(rows: int, days: int, chance: np.random.Generator) -> np.ndarray:
    """By type, place and day."""
    of_types = chance.lognormal(0, 0.9, TYPES)
    of_places = chance.lognormal(0, 0.7, PLACES)
    mix = chance.gamma(6, 1 / 6, size=(TYPES, PLACES))
    day = np.arange(days)
    phases = chance.uniform(0, 2 * np.pi, TYPES)[:, None]
    season = 1 + 0.3 * np.sin(2 * np.pi * day[None] / 365 + phases)
    weekday = WEEK[(FIRST.weekday() + day) % 7]
    means = (of_types[:, None] * of_places[None] * mix)[..., None] * season[:, None] * weekday
    return np.asarray(means * rows / means.sum())


def _plant(
    counts: np.ndarray, means: np.ndarray, problems: int, chance: np.random.Generator
) -> list[Planted]:
    """Add the problems' rows; only where something is usual, so that sizes mean something."""
    average = means.mean(axis=2)
    eligible = np.argwhere(average >= 0.4)
    busy_until: dict[tuple[int, int], int] = {}
    planted: list[Planted] = []
    while len(planted) < problems:
        kind, place = map(int, eligible[chance.integers(len(eligible))])
        lasts = int(chance.integers(1, 8))
        begins = int(chance.integers(WARM, counts.shape[2] - lasts))
        if abs(begins - busy_until.get((kind, place), -1000)) < APART:
            continue
        busy_until[kind, place] = begins
        size = list(SIZES)[len(planted) % len(SIZES)]
        least, times = SIZES[size]
        a_day = max(least, times * average[kind, place])
        counts[kind, place, begins : begins + lasts] += chance.poisson(a_day, lasts)
        planted.append(Planted(f"type {kind:02}", f"place {place:02}", begins, lasts, size))
    return planted


def _as_rows(counts: np.ndarray, chance: np.random.Generator) -> list[Case]:
    kinds, places, days = np.nonzero(counts)
    repeated = counts[kinds, places, days]
    kinds, places, days = (np.repeat(each, repeated) for each in (kinds, places, days))
    seconds = chance.integers(*SECONDS, len(days))
    midnight = datetime.combine(FIRST, datetime.min.time())
    return [
        Case(midnight + timedelta(days=int(day), seconds=int(second)), f"type {kind:02}", f"place {place:02}")
        for kind, place, day, second in zip(kinds, places, days, seconds, strict=True)
    ]
