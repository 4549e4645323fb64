"""Hot spots: circles on the map in which a type has more rows than its own past there, for all that it has elsewhere.

A space-time scan (Kulldorff and others, A space-time permutation scan statistic, 2005) over circles around the day's
rows. Expected is the type's total in the window, or what was expected of it where that is more, by the circle's share of
its past; where a type is thin its share is drawn to that of all rows. So a storm over the whole city is no hot spot, and
neither is the busy centre.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from signals.arrays import Flags, Floats, Ints
from signals.cases import Cases
from signals.discoveries import Discoveries
from signals.points import Points
from signals.tails import upper_tail

RADII: Final = np.array([150.0, 400.0, 1000.0])  # metres
SPANS: Final = (1, 3, 7)  # days
MEMORY: Final = 84
LEAST_ROWS: Final = 6
FALSE_SHARE, A_DAY = 0.1, 0.05
# Radii and windows overlap: looking at all nine is like so many independent looks.
LOOKS: Final = 4.0
SHARE_ROWS: Final = 20.0  # what all rows weigh beside a type's own where it is
LEAST_EXPECTED: Final = 0.3
DISPERSION: Final = 0.2  # of rows in a circle: neighbours write together
OPEN_DAYS, APART = 14, 2000.0  # a hot spot is raised once: not so soon again, nor so near (metres)


@dataclass(frozen=True, slots=True)
class HotSpot:
    """Rows (`members`, places in the register) in a circle (`radius`, metres) and window that ends with the day it was
    raised on."""

    type: int
    radius: float
    days: int
    expected: float
    p_value: float
    q_value: float
    members: Ints


@dataclass(frozen=True, slots=True)
class _Near:
    """Rows of a type in the last days, with their distances (metres) from centres; how many centres were looked at."""

    rows: Ints
    ages: Ints
    distances: Floats
    looks: int


@dataclass(frozen=True, slots=True)
class _Circle:
    near: _Near
    centre: int
    radius: int
    span: int
    expected: float
    p_value: float


class _Ground:
    """Where the rows of the past lie, of all types and of each."""

    def __init__(self, types: Ints, where: Floats) -> None:
        from scipy.spatial import cKDTree

        self._types, self._where = types, where
        self._tree = cKDTree(where) if len(where) else None

    def shares(self, kind: int, centres: Floats) -> tuple[Floats, Floats]:
        """By centre and radius: the part of a type's rows to be expected there, and how many rows say so."""
        own = self._where[self._types == kind]
        distances = np.hypot(*(centres[:, None, :] - own[None, :, :]).transpose(2, 0, 1))
        own_inside = np.stack([(distances <= radius).sum(axis=1) for radius in RADII], axis=1)
        anywhere = (self._inside(centres) + 0.5) / (len(self._types) + 1.0)
        support = own_inside + SHARE_ROWS * anywhere
        return support / (len(own) + SHARE_ROWS), support

    def _inside(self, centres: Floats) -> Floats:
        """How many rows of any type lie in each circle; by centre and radius."""
        if self._tree is None:
            return np.zeros((len(centres), len(RADII)))
        found = [self._tree.query_ball_point(centres, radius, return_length=True) for radius in RADII]
        return np.stack(found, axis=1).astype(np.float64)


class HotSpots:
    """Watches the map, day after day."""

    def __init__(self, cases: Cases, points: Points, counted: Flags) -> None:
        self._cases, self._points, self._counted = cases, points, counted
        self._family = Discoveries(FALSE_SHARE, A_DAY)
        self._raised: deque[tuple[int, int, Floats]] = deque()

    def raise_on(self, day: int, expected: Floats) -> Iterator[HotSpot]:
        """What is new on a day. `expected`: rows by type and day of the last week, the day itself last."""
        while self._raised and self._raised[0][0] < day - OPEN_DAYS:
            self._raised.popleft()
        first, last = np.searchsorted(self._cases.day, [day - MEMORY, day + 1])
        rows = np.arange(first, last)
        rows = rows[self._counted[first:last] & self._points.known(day)[first:last]]
        past = rows[self._cases.day[rows] <= day - max(SPANS)]
        week = rows[self._cases.day[rows] > day - max(SPANS)]
        ground = _Ground(self._cases.type[past], self._where(past))
        found = [self._best(day, each, week, ground, expected) for each in np.unique(self._cases.type[week])]
        circles = [circle for circle in found if circle is not None]
        p_values = np.array([circle.p_value for circle in circles] + [1.0] * (len(found) - len(circles)))
        limit, q_values = self._family.judge(p_values, p_values)
        for circle, q_value in zip(circles, q_values, strict=False):
            if circle.p_value <= limit:
                yield self._open(day, circle, float(q_value))

    def _best(self, day: int, kind: int, week: Ints, ground: _Ground, expected: Floats) -> _Circle | None:
        """The most surprising circle of a type; None where nothing is near enough together."""
        rows = week[self._cases.type[week] == kind]
        ages = day - self._cases.day[rows]
        centres = np.array([row for row in rows[ages == 0] if self._is_new(kind, row)], dtype=np.int64)
        if len(rows) < LEAST_ROWS or not len(centres):
            return None
        distances = self._distances(centres, rows)
        counts = np.stack([distances <= radius for radius in RADII], axis=1) @ _within(ages)
        full = counts.max(axis=(1, 2)) >= LEAST_ROWS
        if not full.any():
            return None
        near = _Near(rows, ages, distances[full], len(centres))
        share, support = ground.shares(kind, self._where(centres[full]))
        return _most_surprising(near, counts[full], share, support, _totals(ages, expected[kind]))

    def _where(self, rows: Ints) -> Floats:
        return np.stack([self._points.east[rows], self._points.north[rows]], axis=1)

    def _distances(self, centres: Ints, rows: Ints) -> Floats:
        steps = self._where(centres)[:, None, :] - self._where(rows)[None, :, :]
        return np.asarray(np.hypot(steps[..., 0], steps[..., 1]))

    def _is_new(self, kind: int, row: int) -> bool:
        here = self._where(np.array([row]))[0]
        return not any(each == kind and np.hypot(*(there - here)) <= APART for _, each, there in self._raised)

    def _open(self, day: int, circle: _Circle, q_value: float) -> HotSpot:
        near = circle.near
        inside = (near.distances[circle.centre] <= RADII[circle.radius]) & (near.ages < circle.span)
        members = near.rows[inside]
        kind = int(self._cases.type[members[0]])
        self._raised.append((day, kind, self._where(members).mean(axis=0)))
        radius = float(RADII[circle.radius])
        return HotSpot(kind, radius, circle.span, circle.expected, circle.p_value, q_value, members)


def _within(ages: Ints) -> Floats:
    """Whether a row of so many days ago lies in each span; by row and span."""
    return (ages[:, None] < np.array(SPANS)).astype(np.float64)


def _totals(ages: Ints, expected: Floats) -> tuple[Floats, Floats]:
    """Of a type everywhere, by span: rows, and what was expected."""
    return _within(ages).sum(axis=0), np.array([expected[-span:].sum() for span in SPANS])


def _most_surprising(
    near: _Near, counts: Floats, share: Floats, support: Floats, totals: tuple[Floats, Floats]
) -> _Circle | None:
    """Of all circles and spans; None where no circle has enough rows."""
    rows, expected = totals
    elsewhere = np.maximum(rows - counts, expected)
    mean = np.maximum(share[..., None] * elsewhere, LEAST_EXPECTED)
    variance = mean + (DISPERSION + 1 / np.maximum(support, 0.5)[..., None]) * mean**2
    p_values = np.where(counts >= LEAST_ROWS, upper_tail(counts, mean, variance), 1.0)
    centre, radius, span = np.unravel_index(int(np.argmin(p_values)), p_values.shape)
    smallest = float(p_values[centre, radius, span])
    looks = LOOKS * near.looks
    p_value = float(-np.expm1(looks * np.log1p(-min(smallest, 1 - 1e-12))))
    if p_value >= 1:
        return None
    return _Circle(near, int(centre), int(radius), SPANS[span], float(mean[centre, radius, span]), p_value)
