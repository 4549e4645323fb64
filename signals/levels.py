"""The levels of a forecast: types, types in places, and all. What is predicted of a type is divided among its places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from signals.arrays import Floats, Ints
from signals.cases import NOWHERE, Cases

MEMORY: Final = 84  # days that shares are made of
ALL_TYPES: Final = 5.0  # rows that the places' shares of all types weigh beside a type's own
SIZES: Final = (0.5, 2.0, 8.0)  # rows a day: series of one size scatter alike


@dataclass(frozen=True, slots=True)
class Level:
    """By series and day: predictions, and what was observed of the days that are known. `names`: type and place, None
    for all together. `groups`: which series share their errors; `sizes`: which are of one size."""

    names: tuple[tuple[str | None, str | None], ...]
    predicted: Floats
    observed: Floats
    groups: Ints
    sizes: Ints


def levels_of(cases: Cases, predicted: Floats, first: int, lag: int) -> tuple[Level, Level, Level, Level]:
    """Types, types in places (the last place is that of rows without one), all, places; from the day `first` on.

    A day's shares come from what was known `lag` days before it.
    """
    counts = _by_place(cases)
    types, places, days = counts.shape
    shares = np.stack(
        [
            _shares(counts[:, :, : min(days, day - lag + 1)])
            for day in range(first, first + predicted.shape[1])
        ],
        axis=2,
    )
    shared = shares * predicted[:, None, :]
    local, in_places = shared.reshape(types * places, -1), shared.sum(axis=0)
    of_types = counts.sum(axis=1)[:, first:]
    names = tuple((kind, place) for kind in cases.types for place in (*cases.places, ""))
    one = np.zeros(1, dtype=np.int64)
    return (
        Level(
            tuple((kind, None) for kind in cases.types),
            predicted,
            of_types,
            np.arange(types),
            _sizes(predicted),
        ),
        Level(names, local, counts.reshape(types * places, days)[:, first:], _sizes(local), _sizes(local)),
        Level(((None, None),), predicted.sum(axis=0)[None], of_types.sum(axis=0)[None], one, one),
        Level(
            tuple((None, place) for place in (*cases.places, "")),
            in_places,
            counts.sum(axis=0)[:, first:],
            np.arange(places),
            _sizes(in_places),
        ),
    )


def _by_place(cases: Cases) -> Floats:
    """Rows by type, place (those without one last) and day."""
    types, places, days = len(cases.types), len(cases.places) + 1, cases.days
    place = np.where(cases.place == NOWHERE, places - 1, cases.place)
    at = (cases.type * places + place) * days + cases.day
    return np.bincount(at, minlength=types * places * days).reshape(types, places, days).astype(np.float64)


def _shares(counts: Floats) -> Floats:
    """Of each type by place, drawn to those of all types; they add up to 1."""
    rows = counts[:, :, -MEMORY:].sum(axis=2)
    common = rows.sum(axis=0) + 1e-9
    common = common / common.sum()
    return np.asarray((rows + ALL_TYPES * common) / (rows.sum(axis=1, keepdims=True) + ALL_TYPES))


def _sizes(predicted: Floats) -> Ints:
    return np.asarray(np.digitize(predicted.mean(axis=1), SIZES), dtype=np.int64)
