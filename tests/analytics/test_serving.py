"""The service as it runs: events over the wire, freshness, what a replay brings back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import asyncpg
import orjson
import pytest
from uuid_utils.compat import uuid7

from chassis.broker import Broker
from contracts.event import Event, publisher_of, stream_of
from contracts.intake import AppealRegistered
from contracts.parts import PUBLISHERS, stream_of_publisher
from contracts.replays import replay_subject
from harness.tokens import TokenMint
from harness.waiting import eventually
from tests.analytics.conftest import Ask, Project, dump
from tests.analytics.histories import Case, reference_events
from tests.analytics.stories import events_of, live_cases

STREAMS = tuple(map(stream_of_publisher, PUBLISHERS))


async def put_on_the_wire(broker: Broker, events: list[Event], attempt: int = 0) -> None:
    """As the relays of the publishers do; `attempt` gets past the duplicate window."""
    await broker.publish(
        [(event.SUBJECT, orjson.dumps(event.envelope()), f"{event.id}.{attempt}") for event in events], 20
    )


@pytest.fixture
async def wire(servers: Any) -> Any:
    """A publisher on empty streams."""
    broker = Broker(servers.nats_url("admin"), "test", "_INBOX")
    await broker.connect()
    for stream in STREAMS:
        if await broker.has_stream(stream):
            await broker.js.delete_stream(stream)
        await broker.ensure_stream(stream)
    yield broker
    for stream in STREAMS:
        await broker.js.delete_stream(stream)
    await broker.close()


def chunks_of(events: list[Event]) -> Iterator[tuple[str, bytes]]:
    """What publishers send again, and who."""
    for start in range(0, len(events), 50):
        by_publisher: dict[str, list[Any]] = {}
        for event in events[start : start + 50]:
            by_publisher.setdefault(publisher_of(event.SUBJECT), []).append(event.envelope())
        for publisher, envelopes in by_publisher.items():
            yield publisher, orjson.dumps(envelopes)


def history(count: int) -> tuple[list[Case], list[Event]]:
    """Appeals and all their events, shuffled."""
    random = Random(count)
    cases = live_cases(random, count, ["46"])
    events = [*reference_events(), *events_of(cases)]
    random.shuffle(events)
    return cases, events


async def test_from_the_wire_to_the_figures_and_again_after_a_loss(
    app_client: Any, mint: TokenMint, wire: Broker, look: asyncpg.Connection
) -> None:
    """Counted and fresh; what was lost comes back from a replay, and nothing is ever away that was there before."""
    client, _ = await app_client("analytics", background=True)
    headers = mint.headers("analyst")
    cases, events = history(40)
    assert {stream_of(event.SUBJECT) for event in events} == set(STREAMS)
    began = datetime.now(UTC)

    async def figures() -> dict[str, Any]:
        answer = await client.get("/api/v1/analytics/summary?region=46", headers=headers)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def all_counted() -> dict[str, Any]:
        found = await figures()
        fresh = found["as_of"] is not None and datetime.fromisoformat(found["as_of"]) > began
        return found if found["received"] == len(cases) and fresh else {}

    await put_on_the_wire(wire, events)
    found: dict[str, Any] = await eventually(all_counted)
    assert datetime.fromisoformat(found["as_of"]) <= datetime.now(UTC)
    await asyncio.sleep(0.6)
    again = await figures()
    assert again["as_of"] > found["as_of"], "nobody says anything, yet the figures stay fresh"
    held = await dump(look)

    await look.execute(
        "DELETE FROM analytics.fact_assignment WHERE appeal_id IN "
        "(SELECT appeal_id FROM analytics.fact_appeal ORDER BY appeal_id LIMIT 20)"
    )
    await look.execute(
        "DELETE FROM analytics.fact_appeal WHERE ctid IN (SELECT min(ctid) FROM analytics.fact_appeal)"
    )
    await look.execute("TRUNCATE analytics.fact_answer, analytics.fact_breach, analytics.reference")
    assert await dump(look) != held
    lost = len(cases) - 1
    for publisher, chunk in chunks_of(events):
        await wire.client.request(replay_subject("analytics", publisher), chunk, timeout=20)
        assert (await figures())["received"] >= lost

    async def as_before() -> bool:
        return bool(await dump(look) == held)

    same: bool = await eventually(as_before)
    assert same
    counts = await client.get("/api/v1/operations/analytics/counts", headers=mint.headers("admin", ["*"]))
    assert counts.json()["counts"]["appeals"] == len(cases)
    assert counts.json()["counts"]["assignments"] == sum(len(case.tasks) for case in cases)


async def test_figures_without_a_broker_are_not_called_fresh(ask: Ask, projected: Project) -> None:
    """Unknown before all streams were heard of; afterwards the oldest of their newest events."""
    cases, events = history(5)
    assert (await ask("summary"))["as_of"] is None
    registered = [event for event in events if stream_of(event.SUBJECT) == "INTAKE"]
    await projected(registered)
    assert (await ask("summary"))["as_of"] is None
    await projected(events)
    found = await ask("summary")
    assert found["received"] == len(cases)
    newest = [max(e.time for e in events if stream_of(e.SUBJECT) == stream) for stream in STREAMS]
    assert datetime.fromisoformat(found["as_of"]) == min(newest)


async def test_an_event_on_another_try_leaves_figures_as_fresh_as_before_it(
    app_client: Any, mint: TokenMint, wire: Broker
) -> None:
    """A gap: later events have overtaken it, so `as_of` must not pass it."""
    client, app = await app_client(
        "analytics", background=True, OTKLIK_RETRY_DELAYS_SECONDS="[0.1, 30, 30, 30, 30]"
    )
    headers = mint.headers("federal", ["*"])

    async def as_of() -> datetime | None:
        found = (await client.get("/api/v1/analytics/measures", headers=headers)).json()["as_of"]
        return datetime.fromisoformat(found) if found else None

    async def on_another_try() -> bool:
        return bool((await app.state.resources.broker.consumer_lag("INTAKE", "analytics")).redelivered)

    known: datetime | None = await eventually(as_of)
    assert known is not None
    _, events = history(3)
    good = next(event for event in events if isinstance(event, AppealRegistered))
    # No territory has this code, so the handler refuses the event until it becomes a dead letter.
    bad = good.model_copy(update={"region": "00", "id": uuid7(), "time": datetime.now(UTC)})
    await put_on_the_wire(wire, [bad])
    trying: bool = await eventually(on_another_try)
    assert trying
    overtaken = datetime.now(UTC)
    await put_on_the_wire(wire, [good.model_copy(update={"time": datetime.now(UTC)})])

    async def counted() -> int:
        found = await client.get("/api/v1/analytics/summary", headers=headers)
        return int(found.json()["received"])

    received: int = await eventually(counted)
    assert received == 1
    await asyncio.sleep(0.6)
    stuck = await as_of()
    assert stuck is not None
    assert stuck < overtaken
