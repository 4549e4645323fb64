"""How many requests a key may make: one number per key, about a microsecond per question.

The `limits` library was measured at 9–14 µs, and starts a thread every 10 ms while there is traffic.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from chassis.problems import Problem

WINDOW_SECONDS = 60.0
MOST_KEYS = 100_000


class TooMany(Problem):
    status: ClassVar[int] = 429
    slug: ClassVar[str] = "too-many-requests"
    title: ClassVar[str] = "Too many requests"

    def __init__(self, wait: float) -> None:
        seconds = max(1, math.ceil(wait))
        super().__init__(
            "Repeat in {seconds} s.", values={"seconds": seconds}, headers={"Retry-After": str(seconds)}
        )


@dataclass
class RateLimiter:
    """A generic cell rate: a minute's worth may come at once, then evenly.

    Holds, per key, the time (of the caller's clock, s) at which its last request will have been worked off, and in
    `unshared` how much of it (s) was counted here and is not known to other gateways yet. At most MOST_KEYS keys.
    """

    _busy_until: dict[str, float] = field(default_factory=dict)
    unshared: dict[str, float] = field(default_factory=dict)

    def hit(self, key: str, per_minute: int, now: float) -> float:
        """Count a request: 0.0, or the seconds to wait when it is one too many (and is not counted)."""
        step = WINDOW_SECONDS / per_minute
        busy_until = max(self._busy_until.get(key, now), now) + step
        wait = busy_until - now - WINDOW_SECONDS
        if wait > 1e-6:
            return wait
        self._busy_until[key] = busy_until
        self.unshared[key] = self.unshared.get(key, 0.0) + step
        if len(self._busy_until) > MOST_KEYS:
            self.purge_idle(now)
        return 0.0

    def wait(self, key: str, per_minute: int, now: float) -> float:
        """What `hit` would answer, without counting."""
        step = WINDOW_SECONDS / per_minute
        return max(0.0, self._busy_until.get(key, now) + step - now - WINDOW_SECONDS)

    def state(self, key: str, per_minute: int, now: float) -> tuple[int, float]:
        """How many requests may come at once, and the seconds until a whole minute's worth may."""
        busy = max(0.0, self._busy_until.get(key, now) - now)
        return max(0, int((WINDOW_SECONDS - busy) * per_minute / WINDOW_SECONDS + 1e-6)), busy

    def mark_shared(self, used: Mapping[str, float]) -> None:
        """The others know of so much (s) of what was counted here."""
        for key, seconds in used.items():
            left = self.unshared.pop(key, 0.0) - seconds
            if left > 1e-6:
                self.unshared[key] = left

    def adopt(self, key: str, busy_until: float) -> None:
        """What all gateways have counted together, but for what is unshared here."""
        busy_until += self.unshared.get(key, 0.0)
        if busy_until > self._busy_until.get(key, 0.0):
            self._busy_until[key] = busy_until

    def purge_idle(self, now: float) -> None:
        """Drop keys that have worked everything off; under a flood of keys the older half as well."""
        self._busy_until = {key: until for key, until in self._busy_until.items() if until > now}
        if len(self._busy_until) > MOST_KEYS // 2:
            newest = list(self._busy_until.items())[-MOST_KEYS // 2 :]
            self._busy_until = dict(newest)
        self.unshared = {key: used for key, used in self.unshared.items() if key in self._busy_until}


def address_key(host: str | None) -> str:
    """What a caller's address counts as: itself, or its /64 network for IPv6 (one subscriber has a whole one)."""
    if host is None:
        return "local"
    if ":" not in host:
        return host
    try:
        return str(ipaddress.ip_network((host.partition("%")[0], 64), strict=False).network_address)
    except ValueError:
        return host
