"""Daily counts of types, and of types in places, in one table: what is compared with its own past."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from signals.arrays import Flags, Floats, Ints
from signals.cases import NOWHERE, Cases


@dataclass(frozen=True, slots=True)
class Series:
    """Counts by series and day: first the `types` types everywhere, then each type in each of `places` places.

    Rows without a place count for their type alone.
    """

    counts: Floats
    types: int
    places: int

    @property
    def days(self) -> int:
        """How many there are."""
        return int(self.counts.shape[1])

    @property
    def parents(self) -> Ints:
        """The type of each series, itself for a type."""
        own = np.arange(self.types, dtype=np.int64)
        return np.concatenate([own, np.repeat(own, self.places)])

    @property
    def local(self) -> Flags:
        """Whether a series is that of one place."""
        return np.arange(len(self.counts)) >= self.types

    def place_of(self, series: int) -> int:
        """The place of a series; NOWHERE for a type everywhere."""
        return NOWHERE if series < self.types else (series - self.types) % self.places


def series_of(cases: Cases, rows: Flags) -> Series:
    """The counts of some of the rows."""
    types, places, days = len(cases.types), len(cases.places), cases.days
    local = rows & (cases.place != NOWHERE)
    by_type = _count(cases.type[rows], cases.day[rows], types, days)
    where = cases.type[local] * places + cases.place[local]
    by_place = _count(where, cases.day[local], types * places, days)
    return Series(np.concatenate([by_type, by_place]), types, places)


def _count(series: Ints, day: Ints, size: int, days: int) -> Floats:
    counted = np.bincount(series * days + day, minlength=size * days)
    return counted.reshape(size, days).astype(np.float64)
