"""One stream in several lanes: while one transaction waits, another goes on, and each event still has its effect once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from chassis.tasks import BackgroundTask
from contracts.intake import AppealRegistered
from harness.waiting import eventually
from tests.chassis.conftest import House, registered
from tests.chassis.effects import effects_are, say

SLOW = "долгий"


def run_lanes(house: House, number: int) -> None:
    """As a service does it: tasks that run one consumer."""
    consumer = house.consumer()
    for lane in range(number):
        task = BackgroundTask(f"consumer INTAKE {lane}", consumer.run)
        house.tasks.append(task)
        task.start()


async def test_what_waits_in_one_lane_keeps_nobody_in_the_other(house: House) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    @house.handlers.on(AppealRegistered)
    async def record(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
        if any(event.text == SLOW for event in events):
            begun.set()
            await may_end.wait()
        await house.write_effects(session, events)

    house.run_relay()
    run_lanes(house, 2)
    slow = registered(text=SLOW)
    await say_one(house, slow)
    await begun.wait()
    quick = [event for _ in range(6) for event in await say(house, 1)]

    async def somebody_went_on() -> bool:
        return len(await house.effects()) >= 1

    await eventually(somebody_went_on)
    assert slow.id not in await house.effects()
    may_end.set()
    await effects_are(house, [slow, *quick])


async def test_a_flood_in_two_lanes_has_every_effect_once(house: House) -> None:
    house.record_effects()
    house.run_relay()
    run_lanes(house, 2)
    events = [event for _ in range(10) for event in await say(house, 100)]
    await effects_are(house, events)
    assert await house.count("analytics.dead_letter") == 0


async def say_one(house: House, event: AppealRegistered) -> None:
    """A transaction that registers one appeal."""
    async with house.sessions.begin() as session:
        await emit(session, event)
