"""Saying events in a bare house and waiting for their effects."""

from __future__ import annotations

from collections.abc import Sequence

from chassis.outbox import emit
from contracts.intake import AppealRegistered
from harness.waiting import eventually
from tests.chassis.conftest import House, registered


async def say(house: House, count: int) -> list[AppealRegistered]:
    """Commit `count` events in a few transactions."""
    events = [registered(number) for number in range(count)]
    for start in range(0, count, 50):
        async with house.sessions.begin() as session:
            await emit(session, *events[start : start + 50])
    return events


async def effects_are(house: House, events: Sequence[AppealRegistered], seconds: float = 20) -> None:
    """Exactly one effect per event, no other."""

    async def all_there() -> bool:
        return len(await house.effects()) >= len(events)

    await eventually(all_there, seconds)
    assert sorted(await house.effects()) == sorted(event.id for event in events)


async def count_is(house: House, table: str, wanted: int) -> bool:
    return await house.count(table) == wanted


async def is_empty(house: House, table: str) -> bool:
    return await house.count(table) == 0
