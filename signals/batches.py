"""Which rows speak of trouble: what officials enter is data entry, and what one sender enters in one go is one sender."""

from __future__ import annotations

from typing import Final

import numpy as np

from signals.arrays import Flags, Floats, Ints
from signals.cases import NOWHERE, Cases

DAY_SECONDS: Final = 86_400.0
# Rows of one type, place and source that follow each other so quickly are one person walking down a street, or one call …
SITTING_SECONDS: Final = 900.0
SITTING_ROWS: Final = 4
# … unless they are more than a person enters: then it is a flood.
MOST_IN_SITTING: Final = 30
# Where rows come often anyway, the next one comes soon by chance: at most so often in ten.
BY_CHANCE: Final = 0.1
WAKING_SECONDS: Final = 43_200.0
# So many rows of a type in the same second were loaded, not written.
LOADED_ROWS: Final = 10


def independent_rows(cases: Cases) -> Flags:
    """Rows that count: no official's, none of a load, and of every sitting the first.

    Where officials are known by their column nothing is taken for a load by its times alone. A file that knows days
    only (all times alike) has neither loads nor sittings.
    """
    rows = ~cases.official
    if not cases.second.any():
        return rows
    seconds = cases.day * DAY_SECONDS + cases.second
    if not cases.official.any():
        rows &= ~_loaded(cases, seconds)
    return rows & ~_later_in_sitting(cases, seconds, rows)


def _loaded(cases: Cases, seconds: Floats) -> Flags:
    """Rows that share their second and type with many others; midnight is what a day without a time is written as."""
    _, group, sizes = np.unique(
        np.stack([cases.type.astype(np.float64), seconds]), axis=1, return_inverse=True, return_counts=True
    )
    return np.asarray((sizes[group.ravel()] >= LOADED_ROWS) & (cases.second > 0), dtype=np.bool_)


def _later_in_sitting(cases: Cases, seconds: Floats, rows: Flags) -> Flags:
    """All but the first row of each sitting."""
    chosen = np.flatnonzero(rows)
    order = chosen[
        np.lexsort((seconds[chosen], cases.source[chosen], cases.place[chosen], cases.type[chosen]))
    ]
    keys = np.stack([cases.type[order], cases.place[order], cases.source[order]])
    same = (keys[:, 1:] == keys[:, :-1]).all(axis=0)
    gaps = np.diff(seconds[order])
    # Rows of one second are of several people: nobody writes two at once.
    follows = same & (gaps > 0) & (gaps <= _longest_gaps(same, cases.day[order])[1:])
    follows &= cases.place[order][1:] != NOWHERE  # without a place nothing ties them together
    run = _numbered_runs(follows)
    sizes = np.bincount(run)[run]
    later = np.zeros(len(rows), dtype=np.bool_)
    sitting = (sizes >= SITTING_ROWS) & (sizes <= MOST_IN_SITTING)
    later[order] = sitting & np.concatenate([[False], follows])
    return later


def _longest_gaps(same: Flags, day: Ints) -> Floats:
    """How soon each row has to follow to belong to the sitting before it: the less, the more of its kind came a day
    until the day before."""
    place = np.arange(len(day))
    kind_begins = np.concatenate([[True], ~same])
    day_begins = kind_begins | np.concatenate([[True], np.diff(day) != 0])
    before = _last_true(day_begins, place) - _last_true(kind_begins, place)
    a_day = np.maximum(before, 1) / np.maximum(day, 1)
    return np.asarray(np.minimum(SITTING_SECONDS, BY_CHANCE * WAKING_SECONDS / a_day))


def _last_true(flags: Flags, place: Ints) -> Ints:
    """The place of the last true flag up to each place."""
    return np.maximum.accumulate(np.where(flags, place, 0))


def _numbered_runs(follows: Flags) -> Ints:
    """For each row the number of its run, of rows each of which follows the one before it."""
    return np.cumsum(np.concatenate([[0], ~follows]), dtype=np.int64)
