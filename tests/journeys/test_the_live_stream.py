"""Many listen to the live stream through the gateway, over lines that break: each hears everything, once, in time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from random import Random
from typing import Final

import asyncpg
import orjson

from harness.clear import connect_to
from harness.system import Account, System
from harness.waiting import eventually
from infra.local.paths import Home
from otklik_client import AsyncClient, StreamEvent
from tests.conftest import FULL, size
from tests.journeys.steps import submitted

LISTENERS, EVENTS = size(30, 200), size(60, 300)
IN_TIME_SECONDS: Final = 5.0
PATIENCE_SECONDS: Final = 300.0  # a killed service begins anew, on whatever machine this is
TOLD: Final = """
INSERT INTO analytics.stream_entry (region, event, key, data) VALUES ('46', 'breach', 'proof:' || $1::text, $2)
"""


@dataclass
class Listener:
    """One who follows the stream with our own client; `at`: when it heard each, by number."""

    account: Account
    heard: list[StreamEvent] = field(default_factory=list)
    at: dict[int, float] = field(default_factory=dict)
    task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Follow from where it was."""
        self.task = asyncio.create_task(self._follow(self.heard[-1].id if self.heard else ""))

    async def cut(self) -> None:
        """Break the line, wherever it is."""
        assert self.task is not None
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    async def _follow(self, last_id: str) -> None:
        credentials = self.account.client_id, self.account.client_secret
        async with AsyncClient(
            self.account.system.url, *credentials, connections=2, patience=PATIENCE_SECONDS
        ) as client:
            async for event in client.analytics.listen(last_event_id=last_id, region="46"):
                self.heard.append(event)
                if event.event == "breach":
                    number = event.data["number"]
                    assert isinstance(number, int)
                    self.at[number] = time.monotonic()

    def numbers(self) -> list[object]:
        """Of what it heard, in the order in which it came."""
        return [event.data["number"] for event in self.heard if event.event == "breach"]


@asynccontextmanager
async def listening(system: System) -> AsyncIterator[list[Listener]]:
    """All of them, each with a line of its own."""
    roles = [system.account(role) for role in ("analyst", "coordinator", "federal")]
    listeners = [Listener(roles[number % 3]) for number in range(LISTENERS)]
    for listener in listeners:
        listener.open()
    try:
        await eventually(lambda: all(listener.heard for listener in listeners), 60)
        yield listeners
    finally:
        for listener in listeners:
            await listener.cut()


async def _tell(database: asyncpg.Connection, numbers: Sequence[int], told_at: dict[int, float]) -> None:
    for number in numbers:
        told_at[number] = time.monotonic()
        await database.execute(TOLD, str(number), orjson.dumps({"number": number}).decode())
        await asyncio.sleep(0.05)


def memory_of(system: System) -> int:
    """Of the process that serves them, MB."""
    return round(system.process_of("analytics").memory_info().rss / 1e6)


def _late(listener: Listener, told_at: dict[int, float], numbers: Sequence[int]) -> list[float]:
    return [listener.at[number] - told_at[number] for number in numbers if number in listener.at]


async def test_every_listener_hears_everything_in_time(system: System, proof: Callable[..., None]) -> None:
    """Also those whose lines are cut, and – at full size – all when the service is killed in the middle."""
    database = await connect_to(Home(system.home))
    random, told_at, before = Random(46), dict[int, float](), memory_of(system)
    slices = [range(start, start + 20) for start in range(0, EVENTS, 20)]
    killed = len(slices) // 2 if FULL else None
    try:
        async with listening(system) as listeners:
            used, broken = memory_of(system) - before, set[int]()
            for place, numbers in enumerate(slices):
                cut = random.sample(range(LISTENERS), LISTENERS // 10)
                if place == killed:  # who has not heard by then is late by the service's new start
                    await _all_know(listeners, told_at)
                broken.update(cut)
                for number in cut:
                    await listeners[number].cut()
                if place == killed:
                    system.kill("analytics")
                telling = asyncio.create_task(_tell(database, numbers, told_at))
                for number in cut:
                    listeners[number].open()
                await telling
                if place == killed:
                    await _all_know(listeners, told_at)
            await _all_know(listeners, told_at)
            await _figures_change(system, listeners)
    finally:
        await database.execute("DELETE FROM analytics.stream_entry WHERE key LIKE 'proof:%'")
        await database.close()
    for listener in listeners:
        assert listener.numbers() == list(range(EVENTS)), "nothing is missing, doubled or out of order"
    steady = [number for number in range(EVENTS) if number // 20 != killed]
    latest = max(max(_late(each, told_at, steady)) for each in listeners)
    everything = sorted(late for each in listeners for late in _late(each, told_at, steady))
    proof(
        listeners=LISTENERS,
        events=EVENTS,
        heard=sum(len(each.at) for each in listeners),
        lines_broken=len(slices) * (LISTENERS // 10),
        listeners_broken=len(broken),
        median_seconds=round(everything[len(everything) // 2], 3),
        p99_seconds=round(everything[int(len(everything) * 0.99)], 3),
        latest_seconds=round(latest, 3),
        after_kill_seconds=round(max(max(_late(each, told_at, range(EVENTS))) for each in listeners), 3),
        mb_for_listeners=used,
    )
    assert latest <= IN_TIME_SECONDS


async def _all_know(listeners: Sequence[Listener], told_at: dict[int, float]) -> None:
    """Until all have heard everything that was told."""
    await eventually(lambda: all(len(each.at) == len(told_at) for each in listeners), PATIENCE_SECONDS)


async def _figures_change(system: System, listeners: Sequence[Listener]) -> None:
    """An appeal comes, and everybody hears of one more."""

    def received(listener: Listener) -> object:
        return [event.data["received"] for event in listener.heard if event.event == "figures"][-1]

    known = {id(each): received(each) for each in listeners}
    await asyncio.to_thread(submitted, system)
    await eventually(lambda: all(received(each) != known[id(each)] for each in listeners), 60)
