"""Wake-ups: a worker that rests is told that a transaction with work for it has just been committed.

A hint only: NOTIFY would take a global lock at every commit, and every worker looks by itself from time to time anyway.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from sqlalchemy import event as sqlalchemy_events
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session


class WakeUp:
    """What one worker of this process waits for. Where the worker is in another process (`settings.role`), `pass_on`
    tells that one."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.pass_on: Callable[[], None] | None = None

    def ring(self) -> None:
        """Wake whoever waits. Never raises: what was committed must not look as if it had failed."""
        self._event.set()
        if self.pass_on is not None:
            with suppress(Exception):
                self.pass_on()

    async def wait(self, seconds: float) -> None:
        """Return at the next ring, or after `seconds`."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        self._event.clear()


class WakeUps(dict[str, WakeUp]):
    """Of one process, by name."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__((name, WakeUp()) for name in names)

    def listen_to(self, sync_session_class: type[Session]) -> None:
        """Ring after every commit of sessions of this class in which `wake_after_commit` was called."""
        sqlalchemy_events.listen(sync_session_class, "after_commit", self._after_commit)

    def _after_commit(self, session: Session) -> None:
        for name in session.info.pop("wake_ups", ()):
            self[name].ring()


def wake_after_commit(session: AsyncSession, name: str) -> None:
    """Ring the wake-up of this name when, and if, the session's transaction is committed."""
    session.info.setdefault("wake_ups", set()).add(name)
