"""Workers: what a service does by itself, one step and one transaction after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from chassis.tasks import turned
from chassis.wake_ups import WakeUp, WakeUps

R = TypeVar("R")


@dataclass(frozen=True)
class Worker(Generic[R]):
    """An endless task under supervision (see `tasks`); every replica runs one, they share the work by locks on rows.

    `step` does some of what there is to do, in a transaction of its own, and says for how many seconds it may rest: 0 when
    there is more. `wake_up`: the name of what ends a rest early (see `wake_ups`). `begin` comes once before the first step.
    `linger`: how many seconds it waits after a rest, so that one step serves what comes together.
    """

    name: str
    step: Callable[[R], Awaitable[float]]
    wake_up: str = ""
    begin: Callable[[R], Awaitable[None]] | None = None
    linger: Callable[[R], float] | None = None

    async def run(self, resources: R, wake_ups: WakeUps) -> None:
        """Work until something breaks; the supervisor begins again. `resources`: of the service whose worker it is."""
        wake_up = wake_ups[self.wake_up] if self.wake_up else WakeUp()
        linger_seconds = self.linger(resources) if self.linger else 0.0
        if self.begin:
            await self.begin(resources)
        while True:
            rest_seconds = await self.step(resources)
            turned()
            if rest_seconds:
                await wake_up.wait(rest_seconds)
                await asyncio.sleep(linger_seconds)
            else:
                await asyncio.sleep(0)
