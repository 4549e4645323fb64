"""Events become clocks, timers and readings, on a real database, in whatever order they come."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event as sqlalchemy_events
from sqlalchemy import text
from uuid_utils.compat import uuid7

from contracts.event import Event
from services.sla.actions.redatings import rebuild_appeals
from services.sla.handlers.unrouted import follow_up
from tests.sla.events import (
    BODY,
    OTHER,
    Appeal,
    clocks_of,
    days,
    deliver,
    fire,
    in_batches,
    now,
    open_clock,
    rows,
    said,
)

SessionsOf = Callable[[str], Any]
# An appeal's own clock exists only if somebody looked before it had a body.
_SEEN = (
    "SELECT * FROM sla.clock WHERE appeal_id = :id "
    "AND (state <> 'cancelled' OR assignment_id <> '00000000-0000-0000-0000-000000000000'::uuid)"
)
_DELETE = text("DELETE FROM sla.clock WHERE appeal_id = :id")


async def test_an_assignment_gives_clocks_timers_and_one_reading(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal()
    await deliver(sla, appeal.registered())
    assert await clocks_of(sla, appeal) == {}, "routing speaks in a moment"
    await deliver(sla, appeal.created())
    clocks = await clocks_of(sla, appeal)
    assert {name: row["state"] for name, row in clocks.items()} == {
        "one:answer:1": "running",
        "one:react:1": "running",
    }
    answer = clocks["one:answer:1"]
    assert answer["organisation_id"] == BODY.id
    timers = await rows(sla, "SELECT clock, state, slot FROM sla.timer WHERE appeal_id = :id", id=appeal.id)
    assert sorted((row["clock"], row["state"], row["slot"]) for row in timers) == [
        ("answer", "armed", "reminder:11:1"),
        ("react", "armed", "reminder:10:1"),
    ]
    (reading,) = await said(sla, "deadline.set", appeal)
    assert reading["subject"] == str(appeal.assignment)
    by_clock = {clock["clock"]: clock for clock in reading["data"]["clocks"]}
    assert set(by_clock) == {"answer", "react"}
    assert by_clock["answer"]["reason"] == answer["reason"]
    assert "30 календарных дней" in answer["reason"]
    assert datetime.fromisoformat(by_clock["answer"]["due_at"]) == answer["due_at"]
    assert by_clock["answer"]["due_on"] == answer["due_on"].isoformat()


async def test_an_appeal_that_routing_does_not_speak_of_is_not_without_a_deadline(
    sessions: SessionsOf,
) -> None:
    sla = sessions("sla")
    silent, routed = Appeal(), Appeal()
    await deliver(sla, silent.registered(), routed.registered())
    waiting = await follow_up(sla, [])
    assert {key[1] for key in waiting} == {str(silent.id), str(routed.id)}
    await deliver(sla, routed.created())
    assert await follow_up(sla, waiting) == []
    alone = await clocks_of(sla, silent)
    assert {name: row["state"] for name, row in alone.items()} == {"appeal:answer:1": "running"}
    assert set(await clocks_of(sla, routed)) == {"one:answer:1", "one:react:1"}
    await deliver(sla, silent.created())
    covered = await clocks_of(sla, silent)
    assert covered["appeal:answer:1"]["state"] == "cancelled"
    assert covered["one:answer:1"]["due_at"] == alone["appeal:answer:1"]["due_at"]
    assert len(await said(sla, "deadline.set", silent)) == 3, "its own, that it is over, the body's"


async def test_sequences_grow_and_an_unchanged_clock_is_not_told_again(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal()
    await deliver(sla, appeal.registered(), appeal.created())
    accepted = appeal.accepted(now())
    await deliver(sla, accepted)
    readings = [r for r in await said(sla, "deadline.set", appeal) if r["subject"] == str(appeal.assignment)]
    sequences = [reading["sequence"] for reading in readings]
    assert sequences == sorted(set(sequences))
    assert len(readings) == 2
    await deliver(sla, accepted, accepted)
    again = [r for r in await said(sla, "deadline.set", appeal) if r["subject"] == str(appeal.assignment)]
    assert len(again) == 2, "a doubled event says nothing"


async def test_triage_has_a_deadline_and_leaving_it_does_not_extend_it(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(3))
    await deliver(sla, appeal.registered(), appeal.created(body=None))
    before = (await clocks_of(sla, appeal))["one:answer:1"]
    assert before["state"] == "running"
    await deliver(sla, appeal.corrected(now(), body=BODY))
    after = await clocks_of(sla, appeal)
    assert after["one:answer:1"]["due_at"] == before["due_at"]
    assert after["one:answer:1"]["organisation_id"] == BODY.id
    assert after["one:react:1"]["state"] == "running"


async def test_an_event_whose_appeal_is_not_known_yet_is_kept(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal()
    await deliver(sla, appeal.answered(now()))
    assert await clocks_of(sla, appeal) == {}
    await deliver(sla, appeal.created())
    assert (await clocks_of(sla, appeal))["one:answer:1"]["state"] == "met"
    await deliver(sla, appeal.registered())
    assert set(await clocks_of(sla, appeal)) == {"one:answer:1", "one:react:1"}
    (row,) = await rows(
        sla, "SELECT client_id, received_at FROM sla.appeal WHERE appeal_id = :id", id=appeal.id
    )
    assert row["client_id"] == appeal.client_id


async def test_a_redirect_ends_the_senders_clocks_and_starts_the_receivers(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(5))
    successor = uuid7()
    moved_at = now()
    await deliver(
        sla,
        appeal.registered(),
        appeal.created(),
        appeal.redirected(moved_at, successor),
        appeal.created(body=OTHER, at=moved_at, assignment_id=successor, predecessor_id=appeal.assignment),
    )
    clocks = await clocks_of(sla, appeal)
    assert clocks["one:answer:1"]["state"] == "cancelled"
    received = clocks[f"{successor}:answer:1"]
    assert (received["state"], received["organisation_id"]) == ("running", OTHER.id)
    assert received["due_at"] > clocks["one:answer:1"]["due_at"]


async def test_reopening_starts_a_new_answer_clock(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(5))
    await deliver(
        sla,
        appeal.registered(),
        appeal.created(),
        appeal.answered(now() - days(2)),
        appeal.reopened(now() - days(1)),
    )
    clocks = await clocks_of(sla, appeal)
    assert (clocks["one:answer:1"]["state"], clocks["one:answer:2"]["state"]) == ("met", "running")


async def test_a_clarification_stops_the_clock_and_its_end_tells_why_it_moved(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(10))
    await deliver(sla, appeal.registered(), appeal.created(), appeal.asked(now() - days(8)))
    paused = (await clocks_of(sla, appeal))["one:answer:1"]
    assert (paused["state"], paused["due_at"]) == ("paused", None)
    assert "приостановлен" in paused["reason"]
    armed = await rows(
        sla,
        "SELECT 1 FROM sla.timer WHERE appeal_id = :id AND clock = 'answer' AND state = 'armed'",
        id=appeal.id,
    )
    assert armed == []
    await deliver(sla, appeal.clarified(now() - days(1)))
    resumed = (await clocks_of(sla, appeal))["one:answer:1"]
    assert resumed["state"] == "running"
    assert "Срок изменён" in resumed["reason"]
    assert "пауза 7 дней" in resumed["reason"]
    assert resumed["version"] == 2


async def test_an_answer_after_the_due_time_is_a_breach_said_once(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(40))
    await deliver(sla, appeal.registered(), appeal.created(), appeal.answered(now()))
    clocks = await clocks_of(sla, appeal)
    assert clocks["one:answer:1"]["state"] == "breached"
    breaches = [b["data"]["clock"] for b in await said(sla, "deadline.breached", appeal)]
    assert sorted(breaches) == ["answer", "react"]
    await fire(sla)
    assert len(await said(sla, "deadline.breached", appeal)) == 2


async def test_withdrawal_and_rejection_end_everything(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    for ending in ("withdrawn", "rejected"):
        appeal = Appeal()
        await deliver(sla, appeal.registered(), appeal.created(), getattr(appeal, ending)(now()))
        assert {row["state"] for row in (await clocks_of(sla, appeal)).values()} == {"cancelled"}
        armed = "SELECT 1 FROM sla.timer WHERE appeal_id = :id AND state = 'armed'"
        assert await rows(sla, armed, id=appeal.id) == []


async def test_every_region_and_regime_has_a_deadline_without_any_setup(sessions: SessionsOf) -> None:
    from contracts.territories import REGIONS

    sla = sessions("sla")
    appeals = [
        Appeal(region=region, regime=regime, municipality=None)
        for region in REGIONS
        for regime in ("message", "statutory")
    ]
    await deliver(sla, *[event for appeal in appeals for event in (appeal.registered(), appeal.created())])
    (row,) = await rows(
        sla,
        "SELECT count(*) AS n FROM sla.clock WHERE clock = 'answer' AND state = 'running' AND due_at IS NOT NULL",
    )
    assert row["n"] == len(appeals) == 178


async def test_statements_do_not_grow_with_the_batch(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    engine = sla.kw["bind"].sync_engine
    counted: list[str] = []
    sqlalchemy_events.listen(engine, "before_cursor_execute", lambda *args: counted.append(args[2]))

    async def count(number: int) -> int:
        appeals = [Appeal() for _ in range(number)]
        await deliver(sla, *[appeal.registered() for appeal in appeals])
        counted.clear()
        await deliver(sla, *[appeal.created() for appeal in appeals])
        return len(counted)

    await count(1)
    assert await count(3) == await count(120) <= 10


# Any history, any order.

_BODIES = [None, BODY, OTHER]
_DAYS = st.integers(0, 60 * 24).map(lambda hours: hours / 24)
_ACTS = st.one_of(
    st.tuples(st.just("accepted"), _DAYS),
    st.tuples(st.just("answered"), _DAYS, st.sampled_from(["solved", "refused"])),
    st.tuples(st.just("answered"), _DAYS, st.just("postponed"), st.just(date(2027, 3, 3))),
    st.tuples(st.just("interim"), _DAYS, st.none() | st.just(date(2026, 12, 20))),
    st.tuples(st.just("corrected"), _DAYS, st.sampled_from(_BODIES)),
    st.tuples(st.just("reopened"), _DAYS, st.integers(2, 3)),
    st.tuples(st.just("asked"), _DAYS),
    st.tuples(st.just("clarified"), _DAYS),
    st.tuples(st.just("extension"), _DAYS, st.integers(1, 40)),
    st.tuples(st.just("cancelled"), _DAYS),
    st.tuples(st.just("withdrawn"), _DAYS),
)
_ABOUT = st.fixed_dictionaries(
    {
        "regime": st.sampled_from(["message", "statutory"]),
        "body": st.sampled_from(_BODIES),
        "role": st.sampled_from(["lead", "lead", "co_executor"]),
        "known": st.booleans(),
        "second": st.booleans(),
    }
)


def _tell(appeal: Appeal, about: dict[str, Any], acts: list[tuple[Any, ...]], second: UUID) -> list[Event]:
    events: list[Event] = [
        appeal.created(about["body"], appeal.received_at + timedelta(hours=1), role=about["role"])
    ]
    if about["known"]:
        events.append(appeal.registered())
    if about["second"]:
        at = appeal.received_at + timedelta(days=20)
        events += [
            appeal.redirected(at, second),
            appeal.created(OTHER, at, assignment_id=second, predecessor_id=appeal.assignment),
        ]
    for name, after, *more in acts:
        events.append(getattr(appeal, name)(appeal.received_at + timedelta(days=after), *more))
    return events


@pytest.fixture
def sla(sessions: SessionsOf) -> Any:
    """One engine for all examples."""
    return sessions("sla")


async def _final(sla: Any, appeal: Appeal, second: UUID) -> tuple[Any, ...]:
    """Everything a reader can see, without ids, versions and sentences about how it came to be."""
    name = {UUID(int=0): "appeal", appeal.assignment: "one", second: "two"}
    clocks = {
        (name[row["assignment_id"]], row["clock"], row["cycle"]): tuple(
            row[column]
            for column in (
                "state", "due_at", "due_on", "met_at", "ended_at", "started_at", "organisation_id", "lead",
                "policy_id", "policy_version", "explanation",
            )
        )
        for row in map(open_clock, await rows(sla, _SEEN, id=appeal.id))
    }  # fmt: skip
    timers = {
        (name[row["assignment_id"]], row["clock"], row["cycle"]): (row["fire_at"], row["slot"], row["due_at"])
        for row in await rows(
            sla, "SELECT * FROM sla.timer WHERE appeal_id = :id AND state = 'armed'", id=appeal.id
        )
    }
    standing: set[Any] = set()
    for event in [
        *await said(sla, "deadline.breached", appeal),
        *await said(sla, "deadline.corrected", appeal),
    ]:
        data = event["data"]
        breach = (data["deadline_id"], data["clock"], data["cycle"], data["version"])
        standing ^= {breach}
    breaches = sorted(
        (name[UUID(b[0]) if UUID(b[0]) != appeal.id else UUID(int=0)], b[1], b[2]) for b in standing
    )
    return clocks, timers, breaches


@given(about=_ABOUT, acts=st.lists(_ACTS, max_size=7), chance=st.randoms(use_true_random=False))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
async def test_shuffled_and_doubled_deliveries_end_the_same(
    sla: Any, about: dict[str, Any], acts: list[tuple[Any, ...]], chance: random.Random
) -> None:
    received = (now() - days(45)).replace(microsecond=0)
    straight, mixed = (Appeal(received_at=received, regime=about["regime"]) for _ in range(2))
    one, two = uuid7(), uuid7()
    for event in _tell(straight, about, acts, one):
        await deliver(sla, event)
    events = _tell(mixed, about, acts, two)
    events += chance.choices(events, k=len(events))
    chance.shuffle(events)
    await in_batches(sla, events[:3], 1)
    if chance.random() < 0.3:
        await follow_up(sla, await follow_up(sla, []))
    await in_batches(sla, events[3:], chance.randint(1, 4))
    first, second = await _final(sla, straight, one), await _final(sla, mixed, two)
    assert first == second
    broken = sorted(key for key, row in first[0].items() if row[0] == "breached")
    assert first[2] == broken, "exactly the broken clocks have a standing breach"
    await fire(sla)
    again = await _final(sla, straight, one)
    assert again[0] == first[0]
    await _rebuilds_the_same(sla, straight, one)


async def _rebuilds_the_same(sla: Any, appeal: Appeal, second: UUID) -> None:
    """From zero: the clocks are thrown away and come back from the journal; nothing is said twice of a breach."""
    before = await _final(sla, appeal, second)
    async with sla.begin() as session:
        await rebuild_appeals(session, [(appeal.region, str(appeal.id))])
    assert await _final(sla, appeal, second) == before
    async with sla.begin() as session:
        await session.execute(_DELETE, {"id": appeal.id})
        await rebuild_appeals(session, [(appeal.region, str(appeal.id))])
    assert await _final(sla, appeal, second) == before


@pytest.mark.parametrize("size", [1, 7, 400])
async def test_a_batch_of_everything_is_counted_as_one(sessions: SessionsOf, size: int) -> None:
    sla = sessions("sla")
    appeals = [Appeal(received_at=now() - days(9)) for _ in range(20)]
    events = [
        event
        for appeal in appeals
        for event in (
            appeal.registered(),
            appeal.created(),
            appeal.accepted(appeal.received_at + timedelta(hours=1)),
            appeal.answered(now() - days(7)),
        )
    ]
    random.Random(size).shuffle(events)
    await in_batches(sla, events, size)
    found = await rows(
        sla,
        "SELECT clock, state, count(*) AS n FROM sla.clock WHERE state <> 'cancelled' GROUP BY 1, 2 ORDER BY 1, 2",
    )
    assert [(row["clock"], row["state"], row["n"]) for row in found] == [
        ("answer", "met", 20),
        ("react", "met", 20),
    ]
