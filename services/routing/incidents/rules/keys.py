"""Under which places a report is found: reports that relate have one of these numbers in common."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import product
from math import cos, floor, radians

from services.routing.incidents.rules.reports import Signs

# At least as wide as reports may lie apart that have nothing but their points in common (see `closeness`).
_CELL_DEGREES = 0.0035
_BYTES = 8


def keys_of(signs: Signs) -> frozenset[int]:
    """What a report is kept under: streets, the village, the cell of its point."""
    return frozenset(map(_number, (*_named(signs), *_cells(signs, around=0))))


def keys_around(signs: Signs) -> frozenset[int]:
    """What its like are looked for under: the same with the cells beside its own."""
    return frozenset(map(_number, (*_named(signs), *_cells(signs, around=1))))


def _named(signs: Signs) -> Iterator[str]:
    for street in signs.streets | signs.maybe:
        yield f"{signs.place} street {street}"
    if signs.is_small:
        yield f"{signs.place}"


def _cells(signs: Signs, around: int) -> Iterator[str]:
    if signs.lat is None or signs.lon is None:
        return
    width = _CELL_DEGREES / cos(radians(floor(signs.lat)))
    row, column = floor(signs.lat / _CELL_DEGREES), floor(signs.lon / width)
    steps = range(-around, around + 1)
    for down, right in product(steps, steps):
        yield f"{signs.place} cell {row + down} {column + right}"


# A report's places are asked for when it is kept, when its like are looked for and when it is compared.
@lru_cache(maxsize=8192)
def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode(), digest_size=_BYTES).digest(), signed=True)
