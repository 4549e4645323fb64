"""A queue in figures."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from chassis.db import open_all_rows
from services.routing.assignments.queries import counting
from services.routing.assignments.queries.open_counts import LATE, WAITING, measure_open
from services.routing.assignments.rules.counting import CountedWork, PersonsWork, count_persons
from tests.routing.conftest import LIGHTS, ROADS, Routing, appeal

ANNA, BORIS = UUID(int=1), UUID(int=2)


async def counts(routing: Routing, organisation: UUID = ROADS) -> dict[str, Any]:
    """The queue's figures."""
    answer: dict[str, Any] = await routing.call("GET", "/queue/counts", routing.agency(organisation))
    return answer


async def due(look: asyncpg.Connection, item: dict[str, Any], at: datetime) -> None:
    """As if that were its deadline."""
    await look.execute("UPDATE routing.assignment SET due_at = $2 WHERE id = $1", item["id"], at)


async def test_a_queue_is_counted_by_status_topic_and_person(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await routing.handle(*(appeal() for _ in range(3)), appeal(topic="lamps"))
    late, taken, mine = await routing.queue()
    await routing.act(taken, "accept")
    for item in (late, mine):
        await routing.act(item, "assign", person=str(ANNA))
    now = datetime.now(UTC)
    await due(look, late, now - timedelta(minutes=1))
    await due(look, mine, now + timedelta(days=3))
    found = await counts(routing)
    assert (found["assignments"], found["whole"], found["overdue"], found["due_today"]) == (3, True, 1, 0)
    assert found["statuses"] == [
        {"status": "new", "assignments": 2},
        {"status": "accepted", "assignments": 1},
    ]
    assert [(each["topic"], each["assignments"]) for each in found["topics"]] == [("holes", 3)]
    assert found["persons"] == [
        {"person": str(ANNA), "assignments": 2, "overdue": 1},
        {"person": None, "assignments": 1, "overdue": 0},
    ]
    assert (await counts(routing, LIGHTS))["assignments"] == 1


async def test_what_is_due_today_is_told_by_the_regions_clocks(
    routing: Routing, look: asyncpg.Connection
) -> None:
    await routing.handle(appeal(), appeal())
    today, later = await routing.queue()
    now = datetime.now(UTC)
    # Moscow's day ends three hours before that of the clocks here.
    midnight = (now + timedelta(hours=3)).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(
        days=1, hours=-3
    )
    await due(look, today, midnight - timedelta(seconds=1))
    await due(look, later, midnight)
    found = await counts(routing)
    assert found["overdue"] + found["due_today"] == 1


async def test_what_stands_still_is_not_overdue(routing: Routing, look: asyncpg.Connection) -> None:
    await routing.handle(*(appeal() for _ in range(3)))
    late, asked, promised = await routing.queue()
    asked |= await routing.act(asked, "clarify", question="Какой это подъезд?")
    far = (datetime.now(UTC) + timedelta(days=20)).date().isoformat()
    await routing.act(
        promised, "answer", text=f"Яма будет заделана до {far}.", outcome="postponed", promised_on=far
    )
    for item in (late, asked, promised):
        await due(look, item, datetime.now(UTC) - timedelta(days=1))
    found = await counts(routing)
    assert (found["assignments"], found["overdue"]) == (3, 1)
    assert [item["id"] for item in await routing.queue(running=True)] == [late["id"]]
    assert [item["id"] for item in await routing.queue(running=True, status="clarifying")] == [asked["id"]]
    assert len(await routing.queue()) == 3


async def test_of_a_long_queue_the_most_urgent_are_counted(
    routing: Routing, look: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "MOST_COUNTED", 2)
    await routing.handle(*(appeal() for _ in range(3)))
    items = await routing.queue()
    await due(look, items[2], datetime.now(UTC) - timedelta(days=1))
    found = await counts(routing)
    assert (found["assignments"], found["whole"], found["overdue"]) == (2, False, 1)


async def test_an_organisation_that_is_in_no_reference_data_has_nothing(routing: Routing) -> None:
    found = await counts(routing, UUID(int=77))
    assert (found["assignments"], found["whole"], found["persons"]) == (0, True, [])


def test_who_has_most_overdue_comes_first() -> None:
    counted = [
        CountedWork("new", "holes", None, 9, 0, 0),
        CountedWork("accepted", "holes", ANNA, 1, 1, 0),
        CountedWork("accepted", "lamps", BORIS, 2, 1, 0),
    ]
    assert count_persons(counted) == [
        PersonsWork(BORIS, 2, 1),
        PersonsWork(ANNA, 1, 1),
        PersonsWork(None, 9, 0),
    ]


async def test_what_is_open_is_measured_by_region_and_status(
    routing: Routing, look: asyncpg.Connection
) -> None:
    """And what has been finished is not shown as if it were open for ever."""
    await routing.handle(*(appeal() for _ in range(3)))
    late, taken, _ = await routing.queue()
    await routing.act(taken, "accept")
    await due(look, late, datetime.now(UTC) - timedelta(minutes=1))

    async def measured() -> dict[tuple[str, ...], float]:
        async with routing.app.state.resources.sessions.begin() as session:
            await open_all_rows(session)
            await measure_open(session)
        samples = [sample for gauge in (WAITING, LATE) for each in gauge.collect() for sample in each.samples]
        return {tuple(sample.labels.values()): sample.value for sample in samples}

    assert await measured() == {("46", "new"): 2, ("46", "accepted"): 1, ("46",): 1}
    await look.execute("UPDATE routing.assignment SET status = 'answered' WHERE id <> $1", late["id"])
    assert await measured() == {("46", "new"): 1, ("46",): 1}
