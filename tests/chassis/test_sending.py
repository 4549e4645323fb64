"""What cannot be sent, and what cannot be read: set aside alone, in words that hold no values, with a way back."""

from __future__ import annotations

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.applying import Applier
from chassis.dead_letters import retry_dead_letters
from chassis.handlers import Handlers
from chassis.outbox import emit
from chassis.problems import TooLarge
from chassis.service import RetryResult
from harness.waiting import eventually
from tests.chassis.conftest import House, registered
from tests.chassis.effects import count_is, effects_are, is_empty


async def test_what_cannot_be_sent_is_set_aside_and_its_neighbours_go(house: House) -> None:
    house.record_effects()
    good = [registered(number) for number in range(6)]
    async with house.sessions.begin() as session:
        await emit(session, *good[:3])
        for subject, payload in (
            (good[0].SUBJECT, "{not json"),
            (good[0].SUBJECT, "[1]"),
            (good[0].SUBJECT, orjson.dumps({"id": "x", "text": "x" * 9_000_000}).decode()),
            ("routing.assignment.created.v1", "{}"),
            ("intake.two words", "{}"),
        ):
            await pending_row(session, subject, payload)
        await pending_row(session, good[0].SUBJECT, None, b"\x01damaged")
        await emit(session, *good[3:])
    house.run_relay()
    house.run_consumer()
    await effects_are(house, good)
    await eventually(lambda: count_is(house, "intake.dead_letter", 6))
    assert await is_empty(house, "intake.outbox_pending")
    async with house.sessions() as session:
        rows = (await session.execute(text("SELECT handler, error FROM intake.dead_letter"))).all()
    assert {row.handler for row in rows} == {"relay"}
    assert all(len(row.error) < 100 for row in rows)


async def test_what_the_broker_refuses_is_set_aside(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream takes smaller messages than the server: found out by trying, the others of the bundle are not held."""
    house.record_effects()
    await house.broker.ensure_stream("INTAKE")
    info = await house.broker.js.stream_info("INTAKE")
    info.config.max_msg_size = 300_000
    monkeypatch.setattr("chassis.outbox.PUBLISH_TIMEOUT_SECONDS", 2.0)
    await house.broker.js.update_stream(info.config)
    good = [registered(number) for number in range(5)]
    async with house.sessions.begin() as session:
        await emit(session, *good[:2], registered(text="x" * 400_000), *good[2:])
    house.run_relay()
    house.run_consumer()
    await effects_are(house, good, seconds=30)
    await eventually(lambda: count_is(house, "intake.dead_letter", 1), seconds=30)
    info.config.max_msg_size = -1
    await house.broker.js.update_stream(info.config)
    handlers = Handlers("intake")
    assert await retry_dead_letters(Applier(handlers, house.sessions, house.intake)) == RetryResult(handled=1)
    await eventually(lambda: _effects_count(house, 6))
    assert await house.count("intake.dead_letter") == 0


async def test_what_would_be_too_large_for_the_wire_is_refused_before_it_is_committed(house: House) -> None:
    async with house.sessions() as session:
        with pytest.raises(TooLarge):
            await emit(session, registered(text="x" * 5_000_000))


async def test_a_dead_letter_does_not_say_what_was_wrong_in_a_citizens_words(house: House) -> None:
    house.record_effects()
    await house.broker.ensure_stream("INTAKE")
    house.run_consumer()
    bad = registered().envelope()
    bad["data"]["received_at"] = bad["data"]["appeal_id"] = "Иванов, тел. 8-910-1234567"
    await house.broker.publish([("intake.appeal.registered.v1", orjson.dumps([bad]), "a")], 5)
    await eventually(lambda: count_is(house, "analytics.dead_letter", 1))
    async with house.sessions() as session:
        error = await session.scalar(text("SELECT error FROM analytics.dead_letter"))
    assert error is not None
    assert "received_at: datetime" in error
    assert "Иванов" not in error
    assert "910" not in error


async def test_rows_of_an_older_version_go_on_the_wire_as_well(house: House) -> None:
    house.record_effects()
    clear, packed = registered(1), registered(2)
    async with house.sessions.begin() as session:
        await pending_row(session, clear.SUBJECT, orjson.dumps(clear.envelope()).decode())
        await emit(session, packed)
    house.run_relay()
    house.run_consumer()
    await effects_are(house, [clear, packed])


async def pending_row(
    session: AsyncSession, subject: str, payload: str | None, packed: bytes | None = None
) -> None:
    await session.execute(
        text(
            "WITH logged AS (INSERT INTO intake.outbox (id, region, aggregate_id, subject, payload, packed) "
            "VALUES (:id, '46', :id, :subject, :payload, :packed) RETURNING id) "
            "INSERT INTO intake.outbox_pending (id) SELECT id FROM logged"
        ),
        {"id": uuid7(), "subject": subject, "payload": payload, "packed": packed},
    )


async def _effects_count(house: House, wanted: int) -> bool:
    return len(await house.effects()) == wanted
