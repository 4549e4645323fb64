"""Photos that are the same: signs of 64 bits that differ in a few, found by a part of them that is equal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

BANDS: Final = 4
_BITS: Final = 16  # of a band
MOST_DIFFERENT: Final = (
    6  # bits of 64; what is near keeps one of its bands with certainty up to 3, nearly always up to 6
)


def bands_of(signs: Iterable[str]) -> list[int]:
    """The parts of signs (hexadecimal), each with its place in them: what is looked up."""
    return sorted(
        {
            place << _BITS | int(sign, 16) >> place * _BITS & (1 << _BITS) - 1
            for sign in signs
            for place in range(BANDS)
        }
    )


def are_same(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two photos are one: any of their signs is near any of the other's. Photos without signs are like no other."""
    others = [int(sign, 16) for sign in other]
    return any((int(sign, 16) ^ each).bit_count() <= MOST_DIFFERENT for sign in one for each in others)
