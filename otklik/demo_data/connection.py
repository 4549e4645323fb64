"""The accounts through which the story is brought in, and waiting until the system has worked it off."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, TypeVar
from uuid import UUID

from otklik.backlogs import steps_left
from otklik_client import AsyncClient

AT_ONCE: Final = 12
PATIENCE: Final = 180.0  # seconds: on a busy machine an import may keep a call waiting
POLL_SECONDS: Final = 0.4
STUCK_SECONDS: Final = 300.0
Report = Callable[[str, int, int], None]  # what is being done, how much of it is done, how much there is
T = TypeVar("T")
R = TypeVar("R")


class StuckError(Exception):
    """The services do not get on with their events."""


@dataclass(frozen=True)
class Accounts:
    """A client of each of the demo's roles, and one of each organisation by its id."""

    admin: AsyncClient
    portal: AsyncClient
    coordinator: AsyncClient
    analyst: AsyncClient
    agencies: Mapping[UUID, AsyncClient]


@asynccontextmanager
async def opened(
    url: str, roles: Mapping[str, tuple[str, str]], agencies: Mapping[UUID, tuple[str, str]]
) -> AsyncIterator[Accounts]:
    """All of them, closed at the end; tokens are fetched when they are needed."""
    async with AsyncExitStack() as stack:

        async def enter(pair: tuple[str, str]) -> AsyncClient:
            return await stack.enter_async_context(
                AsyncClient(url, *pair, patience=PATIENCE, connections=AT_ONCE)
            )

        named = {role: await enter(pair) for role, pair in roles.items()}
        yield Accounts(**named, agencies={id: await enter(pair) for id, pair in agencies.items()})


async def in_parallel(
    items: Iterable[T], act: Callable[[T], Awaitable[R]], on_done: Callable[[], None]
) -> list[R]:
    """`act` for each, a few at a time; the results in order."""
    free = asyncio.Semaphore(AT_ONCE)

    async def guarded(item: T) -> R:
        async with free:
            result = await act(item)
        on_done()
        return result

    return list(await asyncio.gather(*(guarded(item) for item in items)))


async def settle(admin: AsyncClient, report: Report) -> None:
    """Until nothing is to be sent and nothing to be handled; StuckError when nothing moves for minutes."""
    most = 0
    least, since = float("inf"), time.monotonic()
    while left := await _work_left(admin):
        most = max(most, left)
        report("Handling events", most - left, most)
        if left < least:
            least, since = left, time.monotonic()
        if time.monotonic() - since > STUCK_SECONDS:
            raise StuckError(f"{left} steps of work do not get on")
        await asyncio.sleep(POLL_SECONDS)
    report("Handling events", most or 1, most or 1)


async def _work_left(admin: AsyncClient) -> int:
    asked = admin.operations
    backlogs = await asyncio.gather(
        asked.intake_backlog(), asked.routing_backlog(), asked.sla_backlog(), asked.analytics_backlog()
    )
    return sum(map(steps_left, backlogs))
