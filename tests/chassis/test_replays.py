"""The log again: to one consumer, bit by bit, going on where it was, in nobody's way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import pytest
from nats.aio.msg import Msg
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.outbox import emit
from chassis.replays import AT_ONCE, start_replays
from chassis.settings import LATE_DAYS
from contracts.intake import AppealRegistered
from contracts.replays import replay_subject
from harness.waiting import eventually
from tests.chassis.conftest import House, registered

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def keep(house: House, count: int) -> list[AppealRegistered]:
    """Events of long ago in the log, of which nothing is on the wire."""
    events = [
        registered(number).model_copy(
            update={"id": uuid7(nanoseconds=int((LONG_AGO.timestamp() + number) * 1e9))}
        )
        for number in range(count)
    ]
    async with house.sessions.begin() as session:
        await emit(session, *events)
        await session.execute(text("DELETE FROM intake.outbox_pending"))
    return events


async def replay(house: House, *consumers: str, since: datetime | None = None) -> list[UUID]:
    async with house.sessions.begin() as session:
        return await start_replays(session, "intake", consumers, since)


async def is_finished(house: House) -> bool:
    async with house.sessions() as session:
        return not await session.scalar(text("SELECT count(*) FROM intake.replay WHERE finished_at IS NULL"))


async def test_a_replay_goes_to_its_consumer_alone_and_in_chunks(house: House) -> None:
    """No message in the stream, where everybody would meet it; and no statement about the whole log."""
    events = await keep(house, 2 * AT_ONCE + 50)
    house.record_effects()
    chunks: list[int] = []

    async def listen(message: Msg) -> None:
        chunks.append(len(orjson.loads(message.data)))
        await message.respond(b"")

    await house.broker.client.subscribe(replay_subject("routing", "*"), cb=listen)
    await house.broker.ensure_stream("INTAKE")
    statements: list[str] = []
    engine = house.sessions.kw["bind"].sync_engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
    house.run_replayer()
    house.run_consumer()
    await replay(house, "analytics")
    await eventually(lambda: is_finished(house))
    assert sorted(await house.effects()) == sorted(event.id for event in events)
    assert chunks == []
    await replay(house, "routing")
    await eventually(lambda: is_finished(house))
    assert chunks == [AT_ONCE, AT_ONCE, 50]
    assert len(await house.effects()) == len(events)
    assert (await house.broker.js.stream_info("INTAKE")).state.messages == 0
    assert await house.count("intake.outbox_pending") == 0
    assert not [each for each in statements if "INSERT INTO intake.outbox_pending" in each]


async def test_a_replay_from_a_time_on(house: House) -> None:
    events = await keep(house, 100)
    house.record_effects()
    house.run_replayer()
    house.run_consumer()
    await replay(house, "analytics", since=LONG_AGO + timedelta(seconds=60))
    await eventually(lambda: is_finished(house))
    assert sorted(await house.effects()) == sorted(event.id for event in events[60:])


async def test_a_replay_goes_on_where_it_was_after_a_crash(house: House) -> None:
    """Cut off in the middle of any chunk: what was handled is known, what was not comes again."""
    events = await keep(house, 3 * AT_ONCE)
    seen: list[int] = []

    @house.handlers.on(AppealRegistered)
    async def record(session: AsyncSession, batch: Sequence[AppealRegistered]) -> None:
        await house.write_effects(session, batch)
        seen.append(len(batch))

    house.run_consumer()
    started = await replay(house, "analytics")
    assert await replay(house, "analytics") == started, "what is under way is not begun once more"
    first = house.run_replayer()
    await eventually(lambda: len(seen) == 2, every=0.001)
    await first.stop()
    house.run_replayer()
    await eventually(lambda: is_finished(house))
    assert sorted(await house.effects()) == sorted(event.id for event in events)
    assert len(seen) <= 4, "at most one chunk twice, of which the inbox knows"
    async with house.sessions() as session:
        assert await session.scalar(text("SELECT events FROM intake.replay")) == len(events)


async def test_projections_take_everything_again_and_others_drop_what_they_have(house: House) -> None:
    events = await keep(house, 10)
    house.record_effects()
    house.run_replayer()
    house.run_consumer()
    for doubled, are_projections in ((1, False), (1, False), (2, True)):
        house.handlers.are_projections = are_projections
        await replay(house, "analytics")
        await eventually(lambda: is_finished(house))
        assert sorted(await house.effects()) == sorted([event.id for event in events] * doubled)
    late = await house.count("analytics.inbox WHERE late_at > now() - interval '1 minute'")
    assert late == len(events), f"older than {LATE_DAYS} days when they came"


async def test_an_event_that_cannot_be_handled_stops_no_replay(house: House) -> None:
    events = await keep(house, 30)

    @house.handlers.on(AppealRegistered)
    async def fail_one(session: AsyncSession, batch: Sequence[AppealRegistered]) -> None:
        if any(event.id == events[7].id for event in batch):
            raise ValueError("no")
        await house.write_effects(session, batch)

    house.run_replayer()
    house.run_consumer()
    await replay(house, "analytics")
    await eventually(lambda: is_finished(house))
    assert len(await house.effects()) == len(events) - 1
    assert await house.count("analytics.dead_letter") == 1


async def test_a_consumer_that_is_away_is_waited_for_and_holds_up_no_other(house: House) -> None:
    events = await keep(house, 10)
    house.record_effects()
    await replay(house, "routing", "analytics")
    replayer = house.run_replayer()
    house.run_consumer()

    async def one_is_left() -> bool:
        return await house.count("intake.replay WHERE finished_at IS NULL") == 1

    await eventually(one_is_left)
    assert len(await house.effects()) == len(events)
    assert replayer.problem == ""


async def test_new_events_are_handled_while_the_log_is_sent_again(house: House) -> None:
    """What is said in the middle of a long replay does not wait for its end; a feed's readers do not either."""
    await keep(house, 20 * AT_ONCE)
    at_work, go_on = asyncio.Event(), asyncio.Event()
    new = registered(text="новое")

    @house.handlers.on(AppealRegistered)
    async def record(session: AsyncSession, batch: Sequence[AppealRegistered]) -> None:
        if new.id not in {event.id for event in batch} and not go_on.is_set():
            at_work.set()
            await go_on.wait()
        await house.write_effects(session, batch)

    house.run_relay()
    house.run_consumer()
    await replay(house, "analytics")
    house.run_replayer()
    await at_work.wait()
    async with house.sessions.begin() as session:
        await emit(session, new)

    async def handled() -> bool:
        return new.id in await house.effects()

    try:
        await eventually(handled)
        assert await _holds_up_feeds(house) == 1, "only the consumer's own transaction, not the publisher's"
    finally:
        go_on.set()


async def _holds_up_feeds(house: House) -> int:
    connection = await asyncpg.connect(house.url.replace("+asyncpg", ""))
    try:
        count: Any = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL AND datname = current_database()"
        )
        return int(count)
    finally:
        await connection.close()


@pytest.mark.parametrize("broken", [b"", b"[", b"{}", b"[1]"])
async def test_who_sends_nonsense_gets_no_answer_and_breaks_nothing(house: House, broken: bytes) -> None:
    house.record_effects()
    consumer = house.run_consumer()
    await house.broker.ensure_stream("INTAKE")
    with pytest.raises(Exception, match=r"timeout|responders"):
        await house.broker.client.request(replay_subject("analytics", "intake"), broken, timeout=0.3)
    await keep(house, 1)
    house.run_replayer()
    await replay(house, "analytics")
    await eventually(lambda: is_finished(house))
    assert len(await house.effects()) == 1
    assert consumer.problem == ""
