"""What the embedded servers have in common: a child that is started until it is up, and stopped or killed."""

import asyncio
import signal
from abc import ABC, abstractmethod

from infra.local.child import Child
from infra.local.errors import StartError
from infra.local.probe import until

TRIES = 5
PAUSE_SECONDS = 0.2


class EmbeddedServer(ABC):
    """A server that is a child of ours. `title` is what people call it, `start_limit` how many seconds a start may take."""

    title: str
    start_limit: float
    stop_grace: float
    child: Child

    @property
    def pid(self) -> int:
        """Of the last start; 0 before the first."""
        return self.child.pid

    @abstractmethod
    async def prepare_start(self) -> None:
        """Before every try: what was left by an earlier one must not hinder it."""

    @abstractmethod
    async def is_up(self) -> bool:
        """Whether it is ours that runs, and ready to work."""

    async def start_until_up(self) -> None:
        """Returns when it is up; StartError with the end of its log when it never is."""
        for _ in range(TRIES):
            await self.prepare_start()
            self.child.start()
            if await until(self.is_up, self.start_limit, lambda: not self.child.running):
                return
            await self.stop()
            await asyncio.sleep(PAUSE_SECONDS)
        raise StartError(
            f"{self.title} does not start. The end of {self.child.log}:\n{self.child.log_tail()}"
        )

    async def exited(self) -> int:
        """Its exit code, when it has ended."""
        return await self.child.exited()

    async def stop(self) -> None:
        """In order; by force when that takes too long."""
        await self.child.stop(self.stop_grace)

    def kill(self) -> None:
        """kill -9, as a crash would."""
        self.child.signal(signal.SIGKILL)
