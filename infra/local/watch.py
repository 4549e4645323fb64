"""Whether what runs also works: ends what hangs or stays unwell, so that whoever keeps it running begins anew.

Three signs, from the surest to the least sure: a process that has been stopped (SIGSTOP); one that does not answer at
all; one that answers that it is not ready. The last is acted upon only where the fault is its own: while a server it
depends on is unwell, or a disk has no room, beginning anew would change nothing (ADR 14).
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Protocol

import psutil

from infra.local.child import Child
from infra.local.ending import kill

LOOK_SECONDS = 2.0
STOPPED_SECONDS = 5.0
HUNG_SECONDS = 15.0
START_SECONDS = 180.0  # a process that has not answered yet may still be starting
LOOKS_PER_QUESTION = 3  # whether who was well still is, is asked at every third look
SHORTEST_TRUCE, LONGEST_TRUCE = 60.0, 600.0  # between two ends for being unwell


class Watched(Protocol):
    """A server or a process of ours, as the one who watches it sees it."""

    @property
    def name(self) -> str: ...
    @property
    def child(self) -> Child: ...
    @property
    def patience(self) -> float:
        """How many seconds it may be unwell."""

    async def answers(self) -> bool:
        """Whether it says anything at all."""

    async def ailment(self) -> str:
        """Why it does not do its work by its own account; empty when it does, or when it says nothing."""


class Watch:
    """Looks after one of them. `weather` says why being unwell is nobody's own fault now; empty when it would be."""

    def __init__(self, watched: Watched, weather: Callable[[], str], warn: Callable[[str], None]) -> None:
        self.watched = watched
        self.weather = weather
        self.warn = warn
        self.ailment = ""
        self._truce, self._truce_until = SHORTEST_TRUCE, 0.0
        self._looks = 0
        self._looked_at = 0.0
        self._meet(time.monotonic())

    @property
    def is_well(self) -> bool:
        """Whether it runs, answered the last time, and was not unwell."""
        return (
            self.watched.child.running and self._answered and self._silent_since is None and not self.ailment
        )

    async def run(self) -> None:
        """Look again and again, whatever happens."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                await self.look(time.monotonic())
            except Exception as error:
                self.warn(f"While watching {self.watched.name}: {error!r}")

    async def look(self, now: float) -> None:
        """One look at `now` (seconds of the monotonic clock)."""
        child = self.watched.child
        late = now - self._looked_at > HUNG_SECONDS  # it was us who slept
        self._looked_at = now
        if not child.running:
            return
        if child.pid != self._pid or late:
            self._meet(now)
        silence = await self._silence(now)
        reason = silence or await self._illness(now)
        if reason and child.pid == self._pid:
            self.warn(f"{self.watched.name} {reason}; ending it")
            kill(child.family())

    def _meet(self, now: float) -> None:
        """Begin with a process of which nothing is known yet."""
        self._pid = self.watched.child.pid
        self._met_at = now
        self._answered = self._has_been_well = False
        self._silent_since: float | None = None
        self._unwell_since: float | None = None

    async def _silence(self, now: float) -> str:
        if await self.watched.answers():
            self._answered, self._silent_since = True, None
            return ""
        self._silent_since = self._silent_since or now
        silent = now - self._silent_since
        if silent < HUNG_SECONDS or not (self._answered or now - self._met_at > START_SECONDS):
            return ""
        return f"has not answered for {silent:.0f} s"

    async def _illness(self, now: float) -> str:
        self._looks += 1
        if self._silent_since is not None or (self._looks % LOOKS_PER_QUESTION and not self.ailment):
            return ""
        self.ailment = await self.watched.ailment()
        if not self.ailment:
            self._has_been_well, self._unwell_since = True, None
            if now > self._truce_until + self._truce:
                self._truce = SHORTEST_TRUCE
            return ""
        if self.weather():
            self._unwell_since = None
            return ""
        self._unwell_since = self._unwell_since or now
        unwell, patience = now - self._unwell_since, self.watched.patience
        if (
            unwell < (patience if self._has_been_well else max(patience, START_SECONDS))
            or now < self._truce_until
        ):
            return ""
        self._truce_until, self._truce = now + self._truce, min(self._truce * 2, LONGEST_TRUCE)
        return f"has not been ready for {unwell:.0f} s ({self.ailment})"


async def end_stopped(warn: Callable[[str], None]) -> None:
    """Whatever descends from us and has been stopped for `STOPPED_SECONDS` is killed: it holds what others wait for."""
    since: dict[psutil.Process, float] = {}
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        try:
            now = time.monotonic()
            stopped = list(_stopped(psutil.Process().children(recursive=True)))
            since = {process: since.get(process, now) for process in stopped}
            for process in stopped:
                if now - since[process] >= STOPPED_SECONDS:
                    warn(f"Process {process.pid} was stopped; ending it")
                    kill([process])
        except Exception as error:
            warn(f"While looking for stopped processes: {error!r}")


def _stopped(processes: Iterable[psutil.Process]) -> Iterable[psutil.Process]:
    for process in processes:
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_STOPPED:
                yield process
