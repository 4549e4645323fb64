"""Whatever the order and number of deliveries, and however large a batch, the clocks end the same."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from uuid_utils.compat import uuid7

from contracts.event import Event
from services.sla.clocks.actions.recalculations import rebuild_appeals
from services.sla.workers import follow_up
from tests.sla.events import (
    BODY,
    OTHER,
    Appeal,
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
        await rebuild_appeals(session, [appeal.key])
    assert await _final(sla, appeal, second) == before
    async with sla.begin() as session:
        await session.execute(_DELETE, {"id": appeal.id})
        await rebuild_appeals(session, [appeal.key])
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
