"""Saying events in a bare house and waiting for their effects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

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
    found, wanted = Counter(await house.effects()), Counter(event.id for event in events)
    missing, extra = wanted - found, found - wanted
    assert missing | extra == Counter(), _difference(await house.texts(), missing, extra)


def _difference(texts: Mapping[UUID, str], missing: Counter[UUID], extra: Counter[UUID]) -> str:
    """Which effects are missing, and which are there too often, or at all."""
    told = [f"missing: {id}" for id in missing]
    told += [f"{count} too many: {id} ({texts.get(id, '')!r})" for id, count in extra.items()]
    return "\n".join(told)


async def count_is(house: House, table: str, wanted: int) -> bool:
    return await house.count(table) == wanted


async def is_empty(house: House, table: str) -> bool:
    return await house.count(table) == 0
