"""Events of routing and sla reach the appeal in any order, in batches, and only once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from contracts import routing
from harness.deliveries import deliver
from harness.resources import worker_session
from harness.waiting import eventually
from services.intake.handlers import handlers
from services.intake.history.actions import record_events
from services.intake.history.queries import read_history
from tests.intake.conftest import BODY, NOW, OTHER_BODY, Story, appeal_body, handle, mask_all

STATE = (
    "SELECT status, topic_code, organisation_id, due_on, due_reason, promised_on, answers, version "
    "FROM intake.appeal ORDER BY number"
)


async def register(client: Any, mint: Any, count: int) -> list[UUID]:
    responses = [
        await client.post("/api/v1/appeals", json=appeal_body(), headers=mint.headers("portal"))
        for _ in range(count)
    ]
    return [UUID(response.json()["id"]) for response in responses]


def tell(story: Story) -> list[Any]:
    """A long story: redirected, corrected, answered, reopened, answered again."""
    successor = Story(story.appeal_id, start=story.at)
    events = [story.created(), story.deadline(), story.accepted(), story.redirected(successor.assignment_id)]
    successor.at = story.at
    events += [successor.created(OTHER_BODY), successor.corrected(BODY), successor.deadline("2026-12-24", 2)]
    events += [
        successor.deadline("2026-12-25", 3),
        successor.answered(),
        successor.reopened(),
        successor.interim(),
    ]
    return [*events, successor.answered("postponed", promised_on="2027-05-01", cycle=2)]


async def test_shuffled_and_doubled_deliveries_end_in_the_same_state(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    ids = await register(client, mint, 4)
    await mask_all(app)
    base = Story(ids[0])
    told = tell(base)
    stories = [told]
    for appeal_id in ids[1:]:
        stories.append([item.model_copy(update={"appeal_id": appeal_id}) for item in told])
    await handle(app, *stories[0])
    for story in stories[1:]:
        arriving = [*story, *random.sample(story, 5)]
        random.shuffle(arriving)
        for item in arriving:
            await handle(app, item)
    async with worker_session(app) as session:
        states = [tuple(row) for row in await session.execute(text(STATE))]
        holders = [
            tuple(row)
            for row in await session.execute(
                text(
                    "SELECT organisation_id, active, count(*) FROM intake.appeal_holder GROUP BY 1, 2 ORDER BY 1, 2"
                )
            )
        ]
    assert len(set(states)) == 1
    assert states[0][0] == "postponed"
    assert holders == [(BODY.id, True, 4), (OTHER_BODY.id, False, 4)]


async def test_a_replay_that_the_inbox_has_forgotten_changes_nothing(app_client: Any, mint: Any) -> None:
    """Not the appeal, its history, its holders, nor what portals and the other services are told."""
    client, app = await app_client("intake")
    story = Story((await register(client, mint, 1))[0])
    events = [*tell(story), story.extension_requested(), story.asked(), story.reminded()]

    async def everything() -> list[Any]:
        async with worker_session(app) as session:
            return [
                sorted(map(repr, await session.execute(text(f"SELECT * FROM intake.{table}"))))
                for table in ("appeal", "appeal_history", "appeal_holder", "appeal_change", "outbox")
            ]

    await handle(app, *events)
    before = await everything()
    assert len(before[-1]) == 3, (
        "the reason of the request, for the coordinator; two answers, for those who learn from them"
    )
    for one in events:
        await handle(app, one)
    assert await everything() == before


async def test_events_of_unknown_appeals_are_kept(app_client: Any, mint: Any) -> None:
    _, app = await app_client("intake")
    await handle(app, Story(UUID(int=5)).created())
    async with worker_session(app) as session:
        assert await session.scalar(text("SELECT count(*) FROM intake.appeal_history")) == 1


async def test_a_batch_costs_a_constant_number_of_statements(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    ids = await register(client, mint, 30)
    statements: list[str] = []
    engine = app.state.resources.engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    await handle(app, Story(ids[0]).created())
    alone = len(statements)
    statements.clear()
    await handle(app, *(Story(appeal_id).created() for appeal_id in ids[1:]))
    assert len(statements) == alone <= 6


async def test_a_batch_of_many_kinds_is_recorded_at_once(
    app_client: Any, mint: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the kinds, and beside appeals that go: one call, one locking."""
    client, app = await app_client("intake")
    story = Story((await register(client, mint, 1))[0])
    batches: list[int] = []

    async def count(session: AsyncSession, events: Sequence[Any]) -> Any:
        batches.append(len(events))
        return await record_events(session, events)

    monkeypatch.setattr("services.intake.history.actions.record_events", count)
    removed = routing.AppealsRemoved(region="46", import_id=uuid7(), appeal_ids=(uuid7(),), removed_at=NOW)
    refused = routing.ImportUndoRefused(
        region="46", import_id=uuid7(), regions=("46",), worked_on=1, refused_at=NOW
    )
    events = [story.created(), story.accepted(), removed, story.asked(), refused, story.answered()]
    consumer = app.state.resources.consumers[0]
    await deliver(consumer, events)
    await deliver(consumer, events)
    assert batches == [4]
    history = (
        await client.get(f"/api/v1/appeals/{story.appeal_id}/history", headers=mint.headers("portal"))
    ).json()
    assert [line["kind"] for line in history["items"]] == [
        "registered", "created", "accepted", "clarification_asked", "answered",
    ]  # fmt: skip


async def test_the_person_behind_a_client_is_kept(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    story = Story((await register(client, mint, 1))[0])
    person = uuid7()
    await handle(app, story.created(), story.accepted().model_copy(update={"person": person}))
    async with worker_session(app) as session:
        entries = await read_history(session, "46", story.appeal_id)
    assert [entry.data.get("person") for entry in entries] == [None, str(person)]
    path = f"/api/v1/appeals/{story.appeal_id}/history"
    for role, shown in (("coordinator", str(person)), ("portal", None)):
        lines = (await client.get(path, headers=mint.headers(role))).json()["items"]
        assert [line["person"] for line in lines if line["kind"] == "accepted"] == [shown]


async def test_two_replicas_do_not_deadlock(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    stories = [Story(appeal_id) for appeal_id in await register(client, mint, 40)]
    created = [story.created() for story in stories]
    deadlines = [story.deadline() for story in stories]
    for batch in (created, deadlines):
        random.shuffle(batch)
    await asyncio.gather(handle(app, *created), handle(app, *deadlines), handle(app, *reversed(created)))
    async with worker_session(app) as session:
        counted = await session.execute(
            text("SELECT status, due_on::text, count(*) FROM intake.appeal GROUP BY 1, 2")
        )
        assert [tuple(row) for row in counted] == [("in_work", "2026-12-21", 40)]


async def test_a_replica_sees_what_the_other_has_just_written(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    [appeal_id] = await register(client, mint, 1)
    story = Story(appeal_id)
    created, deadline = story.created(), story.deadline()
    [handler] = handlers.by_subject[created.SUBJECT]
    async with worker_session(app) as session:
        await handler.function(session, [created])
        other = asyncio.create_task(handle(app, deadline))
        await eventually(lambda: waits_for_lock(app))
    await other
    async with worker_session(app) as session:
        rows = await session.execute(text("SELECT status, due_on::text FROM intake.appeal"))
        assert [tuple(row) for row in rows] == [("in_work", "2026-12-21")]


async def waits_for_lock(app: Any) -> bool:
    async with worker_session(app) as session:
        waiting = await session.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        return bool(waiting)


async def test_an_unreadable_original_is_set_aside(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    await register(client, mint, 3)
    async with worker_session(app) as session:
        await session.execute(
            text(
                "UPDATE intake.original SET key_id = 9 "
                "WHERE appeal_id = (SELECT appeal_id FROM intake.original ORDER BY appeal_id LIMIT 1)"
            )
        )
    await mask_all(app)
    async with worker_session(app) as session:
        assert await session.scalar(text("SELECT count(*) FROM intake.appeal_text")) == 2
        assert list(await session.scalars(text("SELECT problem FROM intake.masking_pending"))) == [
            "key 9 is not known"
        ]


async def test_two_workers_announce_each_appeal_once(app_client: Any, mint: Any) -> None:
    client, app = await app_client("intake")
    ids = await register(client, mint, 50)
    await asyncio.gather(mask_all(app), mask_all(app))
    async with worker_session(app) as session:
        announced = list(await session.scalars(text("SELECT aggregate_id FROM intake.outbox")))
    assert sorted(announced) == sorted(ids)


def test_every_event_of_routing_and_sla_about_appeals_is_handled() -> None:
    from contracts import routing, sla

    about_appeals = {
        event_class.SUBJECT
        for event_class in (*routing.EVENTS, *sla.EVENTS)
        if "appeal_id" in event_class.model_fields
    }
    about_imports = {routing.AppealsRemoved.SUBJECT, routing.ImportUndoRefused.SUBJECT}
    about_topics = {routing.TopicChanged.SUBJECT}
    assert set(handlers.by_subject) == about_appeals | about_imports | about_topics
