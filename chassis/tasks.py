"""Background tasks that are never silently dead: restarted with back-off and shown by /health/ready."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import structlog

from chassis.telemetry import TASK_RESTARTS

log = structlog.get_logger()
FIRST_DELAY_SECONDS = 0.2
LONGEST_DELAY_SECONDS = 5.0
HEALTHY_AFTER_SECONDS = 10.0


@dataclass
class BackgroundTask:
    """One endless coroutine under supervision; `problem` is empty while it runs well."""

    name: str
    run: Callable[[], Awaitable[None]]
    problem: str = "not started"
    _task: asyncio.Task[None] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Begin; call once."""
        self.problem = ""
        self._task = asyncio.create_task(self._supervise(), name=self.name)

    async def stop(self) -> None:
        """Cancel and wait."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _supervise(self) -> None:
        delay = FIRST_DELAY_SECONDS
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            clearing = loop.call_later(1.0, self._clear_problem)
            try:
                await self.run()
                self.problem = "ended"
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.problem = type(error).__name__
                # Connection errors are weather, not bugs: one line, no traceback.
                weather = isinstance(error, OSError | TimeoutError)
                log.warning("background task failed", task=self.name, exc_info=None if weather else error)
            finally:
                clearing.cancel()
            TASK_RESTARTS.labels(self.name).inc()
            if loop.time() - began > HEALTHY_AFTER_SECONDS:
                delay = FIRST_DELAY_SECONDS
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY_SECONDS)

    def _clear_problem(self) -> None:
        self.problem = ""
