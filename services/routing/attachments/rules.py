"""When a file may be named, and which photos are the same: signs of 64 bits that differ in a few, found by an equal part."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

# Who uploads a file and answers at once is faster than the news of the file.
ON_THE_WAY: Final = timedelta(seconds=15)
BANDS: Final = 4
_BITS: Final = 16  # of a band
# Bits of 64: what is near keeps one of its bands with certainty up to 3, nearly always up to 6.
MOST_DIFFERENT: Final = 6


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


def may_be_on_the_way(ids: Iterable[UUID], now: datetime) -> bool:
    """Whether all of these files came so short a time ago, by their ids, that the news of them may still come."""
    milliseconds, margin = now.timestamp() * 1000, ON_THE_WAY.total_seconds() * 1000
    return all(abs((each.int >> 80) - milliseconds) <= margin for each in ids)  # RFC 9562 §5.7
