"""Proof of work: a moment of computing for whoever sends one form, hours for whoever sends thousands.

A proof is any text with which SHA-256 of `<token>:<proof>` begins with so many zero bits: 2^bits tries to find, one to check.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

EASIEST_BITS: Final = 12  # some 4,000 tries, which no person notices
HARDEST_BITS: Final = 20  # a million: seconds on a telephone
LONGEST_PROOF: Final = 64
# So many forms a minute of one widget, or for one address, are usual; each doubling of them takes a bit more.
USUAL_OF_WIDGET: Final = 60.0
USUAL_OF_ADDRESS: Final = 5.0
MEMORY_SECONDS: Final = 60.0
MOST_KEYS: Final = 100_000


def is_proof(token: str, proof: str, bits: int) -> bool:
    """Whether the work was done."""
    if len(proof) > LONGEST_PROOF:
        return False
    digest = hashlib.sha256(f"{token}:{proof}".encode("utf-8", "replace")).digest()
    return int.from_bytes(digest, "big") >> (len(digest) * 8 - bits) == 0


def bits_for(of_widget: float, of_address: float) -> int:
    """How hard it is while so many forms a minute are given out."""
    crowd = max(of_widget / USUAL_OF_WIDGET, of_address / USUAL_OF_ADDRESS, 1.0)
    return min(EASIEST_BITS + math.floor(math.log2(crowd)), HARDEST_BITS)


@dataclass
class Load:
    """How often something happened in the last minute or so, by key; what is longer ago counts less and less."""

    _counts: dict[str, tuple[float, float]] = field(default_factory=dict)

    def count(self, key: str, now: float) -> float:
        """One more (`now`: s of any clock); how many there are with it."""
        known, since = self._counts.get(key, (0.0, now))
        counted = known * math.exp(min(since - now, 0.0) / MEMORY_SECONDS) + 1.0
        self._counts[key] = (counted, now)
        if len(self._counts) > MOST_KEYS:
            self._counts = dict(self._newest(now))
        return counted

    def _newest(self, now: float) -> Iterator[tuple[str, tuple[float, float]]]:
        """At most half of what may be held."""
        recent = [each for each in self._counts.items() if each[1][1] > now - MEMORY_SECONDS]
        return iter(sorted(recent, key=lambda each: each[1][1])[-MOST_KEYS // 2 :])
