"""Walks over all connections of a server once a second and parts with those that keep it waiting."""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from typing import Protocol

from chassis.http1.limits import Limits

TICK_SECONDS = 1.0


class Patrolled(Protocol):
    """A connection as the patrol sees it."""

    def tick(self, seconds: float) -> None:
        """Time has passed."""


class Unread:
    """For how long a caller has left an answer unread."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._bytes = 0

    def look(self, waiting: int, seconds: float) -> float:
        """Another so many seconds have passed and `waiting` bytes wait to be read; seconds without any progress."""
        stands_still = waiting >= max(self._bytes, 1)
        self._seconds = self._seconds + seconds if stands_still else 0.0
        self._bytes = waiting
        return self._seconds


class Patrol:
    """The limits of one server and what its connections use of them together."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.held = 0  # bytes of incomplete heads and of requests waiting in line
        self._connections: set[Patrolled] = set()
        self._of_address: Counter[str | None] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def admit(self, connection: Patrolled, address: str | None, loop: asyncio.AbstractEventLoop) -> bool:
        """Begin to watch a connection; False when its address has too many."""
        self._connections.add(connection)
        if self._timer is None:
            self._timer = loop.call_later(TICK_SECONDS, self._walk, loop)
        self._of_address[address] += 1
        most = self.limits.connections_per_address
        return not most or self._of_address[address] <= most or self._is_exempt(address)

    def release(self, connection: Patrolled, address: str | None) -> None:
        """A connection has ended."""
        self._connections.discard(connection)
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    def has_room(self, held: int) -> bool:
        """Whether a connection that holds so many bytes may go on."""
        return held <= self.limits.held_small_bytes or self.held <= self.limits.held_bytes

    def _is_exempt(self, address: str | None) -> bool:
        if address is None:  # not over the network
            return True
        try:
            parsed = ipaddress.ip_address(address.partition("%")[0])
        except ValueError:
            return False
        return any(parsed in network for network in self.limits.exempt)

    def _walk(self, loop: asyncio.AbstractEventLoop) -> None:
        for connection in tuple(self._connections):
            connection.tick(TICK_SECONDS)
        self._timer = loop.call_later(TICK_SECONDS, self._walk, loop) if self._connections else None
