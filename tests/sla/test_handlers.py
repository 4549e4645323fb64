"""Events become clocks, timers and readings, on a real database, in whatever order they come."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event as sqlalchemy_events
from uuid_utils.compat import uuid7

from contracts.event import Event
from services.sla.workers import follow_up
from tests.sla.events import (
    BODY,
    OTHER,
    Appeal,
    clocks_of,
    days,
    deliver,
    fire,
    now,
    rows,
    said,
)

SessionsOf = Callable[[str], Any]


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
    assert {key.appeal_id for key in waiting} == {str(silent.id), str(routed.id)}
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


@pytest.mark.parametrize("ending", [Appeal.clarified, Appeal.question_ended])
async def test_a_clarification_stops_the_clock_and_its_end_tells_why_it_moved(
    sessions: SessionsOf, ending: Callable[[Appeal, datetime], Event]
) -> None:
    """Whether the citizen has replied or is not waited for any more."""
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
    await deliver(sla, ending(appeal, now() - days(1)))
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


async def test_who_objects_to_a_rejection_has_the_deadlines_of_the_registration(sessions: SessionsOf) -> None:
    """What comes after the rejection has clocks again, which count as if nothing had been rejected."""
    sla, appeal, never = sessions("sla"), Appeal(), Appeal()
    for each in (appeal, never):
        await deliver(sla, each.registered(), each.created())
    answer = "SELECT due_at FROM sla.clock WHERE appeal_id = :id AND clock = 'answer' AND state = 'running'"
    expected = [row["due_at"].date() for row in await rows(sla, answer, id=never.id)]
    rejected = now()
    await deliver(sla, appeal.rejected(rejected))
    await deliver(sla, appeal.admitted(rejected + timedelta(seconds=1)))
    again = appeal.created().model_copy(
        update={"id": uuid4(), "assignment_id": uuid4(), "created_at": rejected + timedelta(seconds=2)}
    )
    await deliver(sla, again)
    running = [row["due_at"].date() for row in await rows(sla, answer, id=appeal.id)]
    assert expected
    assert running == expected


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
