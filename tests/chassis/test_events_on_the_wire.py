"""Guarantees 2, 3 and 5: committed events arrive, their effects happen once, nothing waits for ever."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import orjson
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.broker import ACK_WAIT_SECONDS
from chassis.dead_letters import retry_dead_letters
from chassis.metrics import EVENTS_PUBLISHED, TASK_RESTARTS
from chassis.outbox import emit
from chassis.pulling import PULL_BYTES, PULL_MESSAGES
from chassis.service import RetryResult
from contracts.intake import AppealRegistered
from contracts.routing import AssignmentCreated
from harness.waiting import eventually
from infra.local.embedded import EmbeddedServers
from tests.chassis.conftest import House, make_house, registered
from tests.chassis.effects import count_is, effects_are, is_empty, say


async def test_every_committed_event_has_its_effect_once(house: House) -> None:
    house.record_effects()
    house.run_relay()
    house.run_consumer()
    events = await say(house, 300)
    await effects_are(house, events)
    await eventually(lambda: is_empty(house, "intake.outbox_pending"))
    assert await house.count("intake.outbox") == 300


async def test_a_house_hears_nothing_of_who_was_there_before(servers: EmbeddedServers) -> None:
    """The broker is the session's: what another test left in the stream is no effect of this one."""
    houses = [await make_house(servers)]
    try:
        await houses[0].broker.ensure_stream("INTAKE")
        left = registered(text="чужое")
        await houses[0].broker.publish([(left.SUBJECT, orjson.dumps(left.envelope()), str(left.id))], 5)
        houses.append(await make_house(servers))
        assert not await houses[1].broker.has_stream("INTAKE")
    finally:
        for house in houses:
            await house.close()


async def test_a_rolled_back_event_was_never_said(house: House) -> None:
    house.record_effects()
    house.run_relay()
    house.run_consumer()
    async with house.sessions() as session:
        await emit(session, registered())
        await session.rollback()
    events = await say(house, 1)
    await effects_are(house, events)
    assert await house.count("intake.outbox") == 1


async def test_a_service_cannot_speak_for_another(house: House) -> None:
    from contracts.sla import ExtensionDecided

    foreign = ExtensionDecided.model_construct(region="46")  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="does not belong"):
        async with house.sessions.begin() as session:
            await emit(session, registered(), foreign)


async def test_doubled_deliveries_have_one_effect(house: House) -> None:
    """The broker's duplicate window is an optimisation; the inbox is the guarantee."""
    house.record_effects()
    await house.broker.ensure_stream("INTAKE")
    house.run_consumer()
    event = registered()
    payload = orjson.dumps(event.envelope())
    await house.broker.publish([(event.SUBJECT, payload, f"{event.id}.{n}") for n in range(5)], 5)
    last = registered()
    await house.broker.publish([(last.SUBJECT, orjson.dumps(last.envelope()), str(last.id))], 5)
    await effects_are(house, [event, last])


async def test_a_failing_handler_is_repeated_with_delay_and_spoils_nobody(house: House) -> None:
    calls = 0

    @house.handlers.on(AppealRegistered)
    async def sometimes_fails(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
        nonlocal calls
        calls += 1
        await house.write_effects(session, events)
        if calls <= 4 and any(event.text == "трудный" for event in events):
            raise ValueError("not now")

    house.run_relay()
    house.run_consumer()
    hard = registered(text="трудный")
    easy = [registered(number) for number in range(20)]
    async with house.sessions.begin() as session:
        await emit(session, hard, *easy)
    await effects_are(house, [hard, *easy])
    assert await house.count("analytics.dead_letter") == 0


async def test_a_full_disk_buries_nobody_however_long_it_lasts(house: House) -> None:
    """It is no event's fault: nothing becomes a dead letter, and everything is handled when there is room again."""
    refusals = 0
    full = "DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"

    @house.handlers.on(AppealRegistered)
    async def need_room(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
        nonlocal refusals
        if refusals < 2 * len(house.retry_delays) + 2:
            refusals += 1
            await session.execute(text(full))
        await house.write_effects(session, events)

    house.run_relay()
    consumer = house.run_consumer()
    events = await say(house, 20)
    await eventually(lambda: consumer.problem == "The database's disk is full.")
    await effects_are(house, events, 40)
    assert await house.count("analytics.dead_letter") == 0
    assert consumer.problem == ""


async def test_poison_becomes_a_dead_letter_with_its_reason_and_can_be_retried(house: House) -> None:
    broken = True

    @house.handlers.on(AppealRegistered)
    async def refuse_poison(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
        if broken and any(event.text == "яд" for event in events):
            raise ValueError("this cannot be digested")
        await house.write_effects(session, events)

    house.run_relay()
    house.run_consumer()
    poison, good = registered(text="яд"), [registered(number) for number in range(10)]
    async with house.sessions.begin() as session:
        await emit(session, *good[:5], poison, *good[5:])
    await effects_are(house, good)

    async def buried() -> bool:
        return await house.count("analytics.dead_letter") == 1

    await eventually(buried)
    async with house.sessions() as session:
        row = (await session.execute(text("SELECT handler, error FROM analytics.dead_letter"))).one()
    assert row.handler == "analytics.refuse_poison"
    # Where, not with what: a message may quote what a citizen wrote.
    assert row.error.startswith("ValueError in refuse_poison (tests/chassis/")
    assert "digested" not in row.error

    assert await retry_dead_letters(house.applier()) == RetryResult(failed=1)
    broken = False
    assert await retry_dead_letters(house.applier()) == RetryResult(handled=1)
    assert await house.count("analytics.dead_letter") == 0
    await effects_are(house, [*good, poison])


async def test_an_unreadable_event_is_buried_at_once(house: House) -> None:
    house.record_effects()
    await house.broker.ensure_stream("INTAKE")
    house.run_consumer()
    good = registered()
    await house.broker.publish(
        [
            (good.SUBJECT, b"{not json", "a"),
            (good.SUBJECT, b'{"id": "1", "data": {}}', "b"),
            (good.SUBJECT, orjson.dumps(good.envelope()), str(good.id)),
        ],
        5,
    )
    await effects_are(house, [good])
    await eventually(lambda: count_is(house, "analytics.dead_letter", 2))


async def test_a_bad_event_is_buried_alone_and_its_bundle_goes_on(house: House) -> None:
    house.record_effects()
    await house.broker.ensure_stream("INTAKE")
    house.run_consumer()
    good = [registered(number) for number in range(4)]
    envelopes = [event.envelope() for event in good]
    broken = registered().envelope()
    del broken["data"]["number"]
    content = [*envelopes[:2], broken, {"id": "nobody"}, *envelopes[2:]]
    await house.broker.publish([(good[0].SUBJECT, orjson.dumps(content), "a")], 5)
    await effects_are(house, good)
    await eventually(lambda: count_is(house, "analytics.dead_letter", 2))
    async with house.sessions() as session:
        ids = set(await session.scalars(text("SELECT event_id FROM analytics.dead_letter")))
    assert UUID(broken["id"]) in ids


async def test_a_backlog_larger_than_a_pull_arrives_whole(house: House) -> None:
    """Bundles are large and the server cuts the pull by bytes: it has to be asked again at once."""
    house.record_effects()
    house.run_relay()
    events = [registered(number, text="Большой текст " * 200) for number in range(600)]
    async with house.sessions.begin() as session:
        await emit(session, *events)
    await eventually(lambda: is_empty(house, "intake.outbox_pending"))
    info = await house.broker.js.stream_info("INTAKE")
    assert info.state.bytes > 2 * PULL_BYTES
    assert info.state.messages < len(events) / 10
    house.run_consumer()
    await effects_are(house, events, seconds=8)  # less than a pull's lifetime: nothing waited for it to end


async def test_more_messages_than_a_pull_takes_arrive_at_once(house: House) -> None:
    """The server ends a pull when its number is reached; nothing that came with that word may be dropped."""
    house.record_effects()
    await house.broker.ensure_stream("INTAKE")
    events = [registered(number) for number in range(3 * PULL_MESSAGES + 7)]
    await house.broker.publish([(e.SUBJECT, orjson.dumps(e.envelope()), str(e.id)) for e in events], 20)
    house.run_consumer()
    await effects_are(house, events, seconds=ACK_WAIT_SECONDS - 5)
    info = await house.broker.js.consumer_info("INTAKE", "analytics")
    assert info.num_waiting == 1, "one request stands at the server, however many were worked off"


async def test_a_message_too_large_for_a_pull_comes_alone_and_holds_up_nobody(house: House) -> None:
    house.record_effects()
    await house.broker.ensure_stream("INTAKE")
    events = [registered(1), registered(2, text="я" * PULL_BYTES), registered(3)]
    await house.broker.publish([(e.SUBJECT, orjson.dumps(e.envelope()), str(e.id)) for e in events], 20)
    house.run_consumer()
    await effects_are(house, events, seconds=8)
    later = registered(4)
    await house.broker.publish([(later.SUBJECT, orjson.dumps(later.envelope()), str(later.id))], 20)
    await effects_are(house, [*events, later], seconds=8)


async def test_large_messages_in_any_order_block_nobody(house: House) -> None:
    """Two large ones after another, at the start, in the middle, at the end, and pulls that end on their last byte."""
    house.record_effects()
    await house.broker.ensure_stream("INTAKE")
    large, exact = "я" * PULL_BYTES, "x" * (PULL_BYTES // 4)
    texts = [large, large, "a", exact, exact, exact, exact, "b", large, "c", exact, large, exact, large]
    events = [registered(number, text=text) for number, text in enumerate(texts)]
    house.run_consumer()
    await house.broker.publish([(e.SUBJECT, orjson.dumps(e.envelope()), str(e.id)) for e in events], 20)
    await effects_are(house, events, seconds=10)  # less than the silence after which everything is built anew


async def test_slow_deliveries_are_no_failures(house: House) -> None:
    """What the server counts as another delivery is not another failure: the first real one has all its tries."""
    calls = 0

    @house.handlers.on(AppealRegistered)
    async def fail_twice(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
        nonlocal calls
        calls += 1
        if calls <= 4:  # together and alone, twice
            raise ValueError
        await house.write_effects(session, events)

    event = registered()
    await house.broker.ensure_stream("INTAKE")
    await house.broker.ensure_consumer("INTAKE", "analytics", [event.SUBJECT])
    await house.broker.publish([(event.SUBJECT, orjson.dumps(event.envelope()), str(event.id))], 5)
    for _ in range(len(house.retry_delays) + 3):  # fetched and given back, as by a consumer that was too slow
        subscription = await house.broker.js.pull_subscribe_bind(consumer="analytics", stream="INTAKE")
        (message,) = await subscription.fetch(1, timeout=5)
        await message.nak()
        await subscription.unsubscribe()
    house.run_consumer()
    await effects_are(house, [event])
    assert await house.count("analytics.dead_letter") == 0


async def test_what_was_fetched_is_given_back_when_the_database_goes_away(house: House) -> None:
    """Not only what failed: nothing waits until the server thinks the consumer is dead."""
    calls = 0

    @house.handlers.on(AppealRegistered)
    async def lose_the_database(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ConnectionResetError
        await house.write_effects(session, events)

    await house.broker.ensure_stream("INTAKE")
    events = [registered(number) for number in range(2 * PULL_MESSAGES)]
    await house.broker.publish([(e.SUBJECT, orjson.dumps(e.envelope()), str(e.id)) for e in events], 20)
    house.run_consumer()
    await effects_are(house, events, seconds=ACK_WAIT_SECONDS - 5)


async def test_what_has_not_happened_yet_is_counted_as_nought(house: House) -> None:
    """A series that began with its first event would hide it from whoever looks at what has come in."""
    EVENTS_PUBLISHED.clear()
    TASK_RESTARTS.clear()
    house.run_relay()
    await eventually(lambda: _value("otklik_events_published_total", event=AppealRegistered.SUBJECT) == 0)
    assert _value("otklik_events_published_total", event=AssignmentCreated.SUBJECT) is None, "another's"
    assert _value("otklik_task_restarts_total", task="relay") == 0


def _value(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, labels)
