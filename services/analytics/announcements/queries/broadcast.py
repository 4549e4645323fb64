"""From the database to all who listen at this process: one reads, and everybody takes from what it has read.

A listener holds no more than its own place. Who is slow, or was away, reads on from the database until the place from which
this process remembers; nothing is kept for it meanwhile.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from chassis.feeds import Generations
from services.analytics.announcements.queries.entries import Entry, Place
from services.analytics.store.rules.filters import Filter

REMEMBERED: Final = 5_000


@dataclass(frozen=True, slots=True)
class Begun:
    """Where this process stands. `floor`: from where on it remembers; `changes`: up to where it knows of changed facts; `gone`: up
    to where entries are too old, as it was seen at `seen_at` (of the event loop's clock)."""

    generations: Generations
    floor: Place
    place: Place
    changes: Place
    gone: Place
    seen_at: float


@dataclass(frozen=True, slots=True)
class LiveFigures:
    """Figures of one day as listeners get them. `digest` tells them from others, whenever they were counted."""

    day: date
    data: bytes
    digest: str


class Broadcast:
    """Of one process. `begun` is None while nobody listens and nothing is read."""

    def __init__(self) -> None:
        self.begun: Begun | None = None
        self.beginning = asyncio.Lock()
        self.counting = asyncio.Lock()
        self.audiences: Counter[Filter] = Counter()
        self.figures: dict[Filter, LiveFigures] = {}
        self.stale: set[Filter] = set()
        self.count_after = 0.0  # of the event loop's clock
        self._entries: deque[Entry] = deque()
        self._changed: asyncio.Future[None] | None = None

    @contextmanager
    def listening(self, audience: Filter) -> Iterator[None]:
        """Somebody is there, and wants to know of this."""
        self.audiences[audience] += 1
        try:
            yield
        finally:
            self.audiences[audience] -= 1
            if not self.audiences[audience]:
                del self.audiences[audience]
                self.figures.pop(audience, None)
                self.stale.discard(audience)

    def begin(self, begun: Begun, recent: Sequence[Entry]) -> None:
        """Read from here on, and remember these: after a break all come back at once. What was counted before may have missed
        changes."""
        self.begun = begun
        self._entries = deque(recent)
        self.stale.update(self.audiences)

    def rest(self) -> None:
        """Nobody listens: nothing is read until somebody comes."""
        self.begun = None
        self._entries.clear()

    def publish(self, begun: Begun, entries: Sequence[Entry]) -> None:
        """Let everybody know what was read up to the place of `begun`; what is older than `REMEMBERED` entries is forgotten."""
        self._entries.extend(entries)
        floor = begun.floor
        while len(self._entries) > REMEMBERED:
            floor = self._entries.popleft().place
        self.begun = replace(begun, floor=floor)
        if entries:
            self.signal()

    def entries_after(self, place: Place) -> list[Entry] | None:
        """What came after a place, oldest first; None where this process does not remember so far."""
        if self.begun is None or place < self.begun.floor:
            return None
        found: list[Entry] = []
        for entry in reversed(self._entries):
            if entry.place <= place:
                break
            found.append(entry)
        found.reverse()
        return found

    def signal(self) -> None:
        """There is something new."""
        if self._changed is not None and not self._changed.done():
            self._changed.set_result(None)
        self._changed = None

    async def wait(self, seconds: float) -> None:
        """Return when there is something new, or after so long."""
        if self._changed is None:
            self._changed = asyncio.get_running_loop().create_future()
        await asyncio.wait([self._changed], timeout=seconds)
