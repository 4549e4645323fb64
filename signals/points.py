"""Where rows are: metres instead of degrees, and points that stand for "nowhere"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from signals.arrays import Flags, Floats, Ints
from signals.cases import Cases

EARTH: Final = 6_371_008.8  # metres, mean radius
# A point with so many rows of so many types is what a form fills in when nobody said where.
DEFAULT_ROWS: Final = 20
DEFAULT_TYPES: Final = 8
NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Points:
    """Of each row: metres east and north of 0, 0 (nan where unknown), and the day from which its point is known
    to be a default."""

    east: Floats
    north: Floats
    default_from: Ints

    def known(self, day: int) -> Flags:
        """Rows that are somewhere, as far as that is known on a day."""
        return ~np.isnan(self.east) & (self.default_from > day)


def points_of(cases: Cases) -> Points:
    """The points of rows; an equirectangular map, true to a thousandth within a region."""
    located = ~(np.isnan(cases.lat) | np.isnan(cases.lon))
    first = np.radians(cases.lat[located][0]) if located.any() else 0.0
    east = EARTH * np.cos(first) * np.radians(cases.lon)
    north = EARTH * np.radians(cases.lat)
    default_from = np.full(len(cases.day), NEVER)
    default_from[located] = _default_days(cases, located)
    return Points(np.where(located, east, np.nan), np.where(located, north, np.nan), default_from)


def _default_days(cases: Cases, located: Flags) -> Ints:
    pairs = np.stack([cases.lat[located], cases.lon[located]])
    _, point, sizes = np.unique(pairs, axis=1, return_inverse=True, return_counts=True)
    point = point.ravel()
    since = np.full(len(sizes), NEVER)
    types, days = cases.type[located], cases.day[located]
    for each in np.flatnonzero(sizes >= DEFAULT_ROWS):
        here = point == each
        since[each] = _default_since(types[here], days[here])
    return since[point]


def _default_since(types: Ints, days: Ints) -> int:
    """The day on which a point's rows, in order of time, have become so many of so many types."""
    _, firsts = np.unique(types, return_index=True)
    if len(firsts) < DEFAULT_TYPES:
        return int(NEVER)
    row = max(int(np.sort(firsts)[DEFAULT_TYPES - 1]), DEFAULT_ROWS - 1)
    return int(days[row])
