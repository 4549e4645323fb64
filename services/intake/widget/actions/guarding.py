"""What stands between floods and the register: how hard forms are, and how many of them are taken a minute.

Counted in each process by itself: with several, each takes as many.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from chassis.limits import RateLimiter, TooMany
from services.intake.attachments.rules.kinds import MOST_FILES
from services.intake.widget.rules.work import bits_for

MEMORY_SECONDS: Final = 60.0
MOST_KEYS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Rates:
    """Appeals a minute, of one widget and from one address: with a proof of work, and without one."""

    proven: int
    proven_address: int
    unproven: int
    unproven_address: int


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


class Guard:
    """`clock` is monotonic, s."""

    def __init__(self, rates: Rates, clock: Callable[[], float] = time.monotonic) -> None:
        self.rates = rates
        self._clock = clock
        self._load = Load()
        self._limiter = RateLimiter()

    def bits_for_next(self, key: str, address: str) -> int:
        """How hard the next form of a widget is for an address."""
        now = self._clock()
        return bits_for(self._load.count(f"widget {key}", now), self._load.count(f"address {address}", now))

    def admit(self, key: str, address: str, *, proven: bool) -> None:
        """Count an appeal; 429 when it is one too many of its address, or of its widget.

        The address comes first, so that whoever is refused uses up nothing of the others' room.
        """
        rates = self.rates
        of_address, of_widget = (
            (rates.proven_address, rates.proven) if proven else (rates.unproven_address, rates.unproven)
        )
        self._count("proven" if proven else "unproven", key, address, (of_address, of_widget))

    def admit_file(self, key: str, address: str) -> None:
        """Count a file that comes before its form, when nothing is proven yet: 429 when it is more than forms without a proof
        may have."""
        rates = (self.rates.unproven_address * MOST_FILES, self.rates.unproven * MOST_FILES)
        self._count("file", key, address, rates)

    def _count(self, kind: str, key: str, address: str, rates: tuple[int, int]) -> None:
        now = self._clock()
        for name, rate in zip((f"{kind} from {address}", f"{kind} of {key}"), rates, strict=True):
            wait = self._limiter.hit(name, rate, now)
            if wait:
                raise TooMany(wait)
