"""Whether what runs also works: ends what hangs or stays unready, so that whoever keeps it running begins anew.

Three signs, from the surest to the least sure: a process that has been stopped (SIGSTOP); one that is not live: it does
not answer at all; one that answers that it is not ready. The last is acted upon only where the fault is its own: while a
server it depends on is unhealthy, or a disk has no room, beginning anew would change nothing (ADR 14).

Silence and unreadiness are measured in the process's own time, without what it spent waiting for a processor: on a
machine that has too much to do everybody is slow, and whoever begins anew has still more to do.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Protocol

import psutil

from infra.local.adoption import OrphanCollector
from infra.local.child import Child
from infra.local.processor import processor_wait_seconds
from infra.local.termination import kill

CHECK_SECONDS = 2.0
STOPPED_SECONDS = 5.0
HUNG_SECONDS = 15.0
START_SECONDS = 180.0  # a process that has not answered yet may still be starting
CHECKS_PER_READINESS = 3  # whether who was ready still is, is asked at every third check
SHORTEST_COOLDOWN, LONGEST_COOLDOWN = 60.0, 600.0  # between two ends for being unready


class Monitored(Protocol):
    """A server or a process of ours, as its monitor sees it."""

    @property
    def name(self) -> str: ...
    @property
    def child(self) -> Child: ...
    @property
    def unready_limit(self) -> float:
        """How many seconds it may be unready."""

    async def is_live(self) -> bool:
        """Whether it answers at all."""

    async def unready_reason(self) -> str:
        """Why it does not do its work by its own account; empty when it does, or when it does not answer."""


class _Stopwatch:
    """For how long something has been so."""

    def __init__(self) -> None:
        self._since: float | None = None

    @property
    def is_running(self) -> bool:
        return self._since is not None

    def seconds(self, now: float) -> float:
        """Up to `now`, from the first time on that this was asked."""
        if self._since is None:
            self._since = now
        return now - self._since

    def reset(self) -> None:
        """It is not so any more."""
        self._since = None


class _Cooldown:
    """For how long nothing is ended for being unready after it was: longer each time, and short again after a good while."""

    def __init__(self) -> None:
        self._length, self._until = SHORTEST_COOLDOWN, 0.0

    def is_over(self, now: float) -> bool:
        return now >= self._until

    def start(self, now: float) -> None:
        self._until, self._length = now + self._length, min(self._length * 2, LONGEST_COOLDOWN)

    def relax(self, now: float) -> None:
        if now > self._until + self._length:
            self._length = SHORTEST_COOLDOWN


class HealthMonitor:
    """Checks one of them. `outage` names what makes being unready nobody's own fault now; empty when it would be."""

    def __init__(
        self,
        monitored: Monitored,
        outage: Callable[[], str],
        warn: Callable[[str], None],
        processor_wait: Callable[[int], float] = processor_wait_seconds,
    ) -> None:
        self.monitored = monitored
        self.outage = outage
        self.warn = warn
        self.processor_wait = processor_wait
        self.unready_reason = ""
        self._cooldown = _Cooldown()
        self._checks = 0
        self._checked_at = 0.0
        self._begin(self._own_time(time.monotonic()))

    @property
    def is_healthy(self) -> bool:
        """Whether it runs, answered the last time, and was not unready."""
        answers = self._has_answered and not self._silent.is_running
        return self.monitored.child.running and answers and not self.unready_reason

    async def run(self) -> None:
        """Check again and again, whatever happens."""
        await _repeat(self.check, f"watching {self.monitored.name}", self.warn)

    async def check(self, now: float) -> None:
        """One check at `now` (seconds of the monotonic clock)."""
        child = self.monitored.child
        overslept = now - self._checked_at > HUNG_SECONDS  # it was us who slept
        self._checked_at = now
        if not child.running:
            return
        own_time = self._own_time(now)
        if child.pid != self._pid or overslept:
            self._begin(own_time)
        reason = await self._check_liveness(own_time) or await self._check_readiness(now, own_time)
        if reason and child.pid == self._pid:
            self.warn(f"{self.monitored.name} {reason}; ending it")
            kill(child.family())

    def _own_time(self, now: float) -> float:
        """What its clock would show had it stood still whenever the process waited for a processor."""
        child = self.monitored.child
        return now - self.processor_wait(child.pid) if child.running else now

    def _begin(self, own_time: float) -> None:
        """With a process of which nothing is known yet."""
        self._pid = self.monitored.child.pid
        self._begun_at = own_time
        self._has_answered = self._has_been_ready = False
        self._silent, self._unready = _Stopwatch(), _Stopwatch()

    async def _check_liveness(self, own_time: float) -> str:
        if await self.monitored.is_live():
            self._has_answered = True
            self._silent.reset()
            return ""
        silent = self._silent.seconds(own_time)
        may_be_starting = not self._has_answered and own_time - self._begun_at <= START_SECONDS
        if silent < HUNG_SECONDS or may_be_starting:
            return ""
        return f"has not answered for {silent:.0f} s"

    async def _check_readiness(self, now: float, own_time: float) -> str:
        self._checks += 1
        is_due = bool(self.unready_reason) or self._checks % CHECKS_PER_READINESS == 0
        if self._silent.is_running or not is_due:
            return ""
        self.unready_reason = await self.monitored.unready_reason()
        if not self.unready_reason:
            self._has_been_ready = True
            self._cooldown.relax(now)
        if not self.unready_reason or self.outage():
            self._unready.reset()
            return ""
        unready = self._unready.seconds(own_time)
        if unready < self._unready_limit() or not self._cooldown.is_over(now):
            return ""
        self._cooldown.start(now)
        return f"has not been ready for {unready:.0f} s ({self.unready_reason})"

    def _unready_limit(self) -> float:
        limit = self.monitored.unready_limit
        return limit if self._has_been_ready else max(limit, START_SECONDS)


async def kill_stopped(warn: Callable[[str], None]) -> None:
    """Whatever descends from us and has been stopped for `STOPPED_SECONDS` is killed: it holds what others wait for."""
    since: dict[psutil.Process, float] = {}

    async def check(now: float) -> None:
        nonlocal since
        stopped = _stopped(psutil.Process().children(recursive=True))
        since = {process: since.get(process, now) for process in stopped}
        overdue = [process for process, begun in since.items() if now - begun >= STOPPED_SECONDS]
        for process in overdue:
            warn(f"Process {process.pid} was stopped; ending it")
        kill(overdue)

    await _repeat(check, "looking for stopped processes", warn)


async def collect_orphans(warn: Callable[[str], None]) -> None:
    """Orphans that came to us leave the table of processes when they end."""
    collector = OrphanCollector()

    async def check(_: float) -> None:
        collector.collect()

    await _repeat(check, "collecting orphans", warn)


async def _repeat(check: Callable[[float], Awaitable[None]], what: str, warn: Callable[[str], None]) -> None:
    """For as long as this process runs; a check that fails is no reason to end."""
    while True:
        await asyncio.sleep(CHECK_SECONDS)
        try:
            await check(time.monotonic())
        except Exception as error:
            warn(f"While {what}: {error!r}")


def _stopped(processes: Iterable[psutil.Process]) -> Iterable[psutil.Process]:
    for process in processes:
        with suppress(psutil.Error):
            if process.status() == psutil.STATUS_STOPPED:
                yield process
