"""Background tasks that are never silently dead: restarted with back-off, shown by /health/ready, ended when hopeless.

Whatever a task raises, it begins again. One that has failed for `PATIENCE_SECONDS` without a healthy period ends its
process, for what it stumbles over may lie in the process itself; whoever keeps the process running begins anew. While
the cause lies outside (the database is away, a disk is full) a new process would stumble over the same, so then the
patience is ten times as long (ADR 14).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field

import structlog

from chassis.causes import cause_of
from chassis.ending import end_process
from chassis.metrics import TASK_RESTARTS

log = structlog.get_logger()
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0
HEALTHY_AFTER_SECONDS = 10.0
PATIENCE_SECONDS = 30.0
CANCEL_AGAIN_SECONDS = 0.5
WEATHER_PATIENCE = 10  # times as long

_current: ContextVar[BackgroundTask | None] = ContextVar("background task", default=None)


def turned() -> None:
    """A task says that a whole turn of its loop has ended well, so that it is shown as ready again."""
    task = _current.get()
    if task is not None:
        task.problem, task.speaks = "", True


def waits_for(reason: str) -> None:
    """A task says that it cannot work yet, though nothing has failed: it is not ready, and `turned` says that it is."""
    task = _current.get()
    if task is not None:
        task.problem, task.speaks = reason, True


class Ended(Exception):
    """An endless task came to an end."""


@dataclass
class BackgroundTask:
    """One endless coroutine under supervision; `problem` is empty while it runs well.

    After a failure the problem stays until the task says `turned` (or has run for `HEALTHY_AFTER_SECONDS` if it never
    says it): one that fails slowly is not ready in between. `give_up` is called with a reason when it is hopeless.
    """

    name: str
    run: Callable[[], Awaitable[None]]
    patience_seconds: float = PATIENCE_SECONDS
    give_up: Callable[[str], None] = end_process
    problem: str = "not started"
    speaks: bool = False
    _task: asyncio.Task[None] | None = field(default=None, repr=False)
    _failing_since: float | None = field(default=None, repr=False)
    _weather_only: bool = field(default=True, repr=False)
    _stopping: bool = field(default=False, repr=False)

    def start(self) -> None:
        """Begin; call once."""
        self.problem = ""
        TASK_RESTARTS.labels(self.name)
        self._task = asyncio.create_task(self._supervise(), name=self.name)
        self._task.add_done_callback(self._died)

    async def stop(self) -> None:
        """Cancel and wait. More than once where it must be: `asyncio.wait_for`, under a library's request, swallows a
        cancellation that comes in the moment of the answer."""
        self._stopping = True
        if self._task is None:
            return
        while not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task], timeout=CANCEL_AGAIN_SECONDS)
        await asyncio.gather(self._task, return_exceptions=True)

    async def _supervise(self) -> None:
        _current.set(self)
        delay = FIRST_DELAY_SECONDS
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            failure = await self._attempt(loop)
            if loop.time() - began > HEALTHY_AFTER_SECONDS and not self.problem:
                delay, self._failing_since, self._weather_only = FIRST_DELAY_SECONDS, None, True
            with suppress(Exception):  # nothing that is said of a failure may become another one
                self._note(failure, loop.time())
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    async def _attempt(self, loop: asyncio.AbstractEventLoop) -> BaseException:
        """Run until it breaks; why it did. Raises only when this very task is cancelled."""
        clearing = loop.call_later(HEALTHY_AFTER_SECONDS, self._clear_problem)
        try:
            await self.run()
            return Ended("ended")
        except BaseException as error:
            # A library may cancel what we wait for; that is a failure like others unless it is us who are cancelled.
            mine = asyncio.current_task()
            if self._stopping or (mine is not None and mine.cancelling()):
                raise
            return error
        finally:
            clearing.cancel()

    def _note(self, failure: BaseException, now: float) -> None:
        cause = cause_of(failure)
        self.problem = cause or ("ended" if isinstance(failure, Ended) else type(failure).__name__)
        if self._failing_since is None:
            self._failing_since = now
        self._weather_only = self._weather_only and bool(cause)
        TASK_RESTARTS.labels(self.name).inc()
        # Weather is one line, no traceback.
        shown = None if cause else failure
        log.warning("background task failed", task=self.name, reason=self.problem, exc_info=shown)
        patience = self.patience_seconds * (WEATHER_PATIENCE if self._weather_only else 1)
        if now - self._failing_since > patience:
            self.give_up(f"task {self.name} has been failing for {now - self._failing_since:.0f} s")

    def _clear_problem(self) -> None:
        if not self.speaks:
            self.problem = ""

    def _died(self, _: asyncio.Task[None]) -> None:
        if not self._stopping:
            self.problem = "dead"
            self.give_up(f"task {self.name} was cancelled by a stranger")
