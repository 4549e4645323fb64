"""Clocks of machines differ by seconds and step back: no act is lost by it, no duration is negative."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.fact_codec import dump_fact, parse_fact
from services.sla.clocks.rules.fold import Clock, fold_clocks
from services.sla.clocks.rules.ordering import in_order
from tests.sla.events import Appeal, clocks_of, days, deliver, fire, now, rows, said
from tests.sla.story import POLICIES, START, calendar_of

STEP = timedelta(seconds=2)
NOTHING = timedelta(0)
LATER = START + timedelta(days=200)

# What may follow in each state of an assignment: the act, the state after it.
_NEXT: dict[str, list[tuple[Callable[..., f.Fact], str, dict[str, Any]]]] = {
    "new": [(f.AssignmentAccepted, "work", {}), (f.AssignmentCancelled, "over", {})],
    "work": [
        (f.ClarificationAsked, "asking", {}),
        (f.DocumentsRequested, "waiting", {"request_id": ""}),
        (f.ExtensionRequested, "hoping", {"extension_id": "", "days": 9}),
        (f.InterimAnswered, "work", {}),
        (f.AssignmentAnswered, "answered", {"outcome": "solved"}),
        (f.AssignmentRedirected, "over", {"successor_id": "two"}),
    ],
    "asking": [(f.ClarificationGiven, "work", {})],
    "waiting": [(f.DocumentsReceived, "work", {"request_id": ""})],
    "hoping": [(f.ExtensionDecided, "decided", {"extension_id": "", "approved": True, "days": 9})],
    "decided": [(f.AssignmentAnswered, "answered", {"outcome": "explained"})],
    "answered": [(f.AssignmentReopened, "work", {})],
}
# Nothing happens within seconds of a full hour, so that no step moves an act over a deadline.
_gaps = st.sampled_from([NOTHING, timedelta(seconds=1), STEP, timedelta(minutes=613)])


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[f.Fact], list[f.Fact]]:
    """One assignment's life by one true clock, and the same by clocks that are up to two seconds off."""
    at = START + timedelta(minutes=17, seconds=30)
    about: dict[str, Any] = {"region": "46", "regime": draw(st.sampled_from(["message", "statutory"]))}
    told: list[f.Fact] = [f.AppealRegistered(event_id="0", at=at, **about)]
    state, cycle, asked = "new", 1, ""
    at += draw(_gaps)
    told.append(
        f.AssignmentCreated(
            event_id="1",
            at=at,
            sequence=1,
            assignment_id="one",
            received_at=told[0].at,
            organisation_id="a",
            **about,
        )
    )
    for number in range(2, 2 + draw(st.integers(1, 12))):
        if state == "over":
            break
        before = state
        kind, state, values = draw(st.sampled_from(_NEXT[before]))
        # A decision and an answer that cross within seconds: either may have been first, nobody numbers both.
        at += timedelta(minutes=613) if before == "decided" else draw(_gaps)
        asked = str(number) if kind in (f.DocumentsRequested, f.ExtensionRequested) else asked
        values = {name: asked if value == "" else value for name, value in values.items()}
        if kind is f.AssignmentReopened:
            cycle += 1
            values = {"cycle": cycle}
        version = None if kind is f.ExtensionDecided else number
        told.append(kind(event_id=str(number), at=at, sequence=version, assignment_id="one", **values))
    errors = st.integers(-2, 2).map(lambda seconds: timedelta(seconds=seconds))
    return told, [_moved(fact, draw(errors)) for fact in told]


def _moved(fact: f.Fact, error: timedelta) -> f.Fact:
    data = dump_fact(fact)
    return parse_fact(data | {"at": (fact.at + error).isoformat()})


def fold(facts: list[f.Fact]) -> list[Clock]:
    return fold_clocks("appeal", facts, POLICIES, calendar_of, LATER)


@given(stories())
@settings(max_examples=300, deadline=None)
def test_what_happened_happened_whatever_the_clocks_say(story: tuple[list[f.Fact], list[f.Fact]]) -> None:
    """The same clocks in the same states, met or not, paused and extended alike; to the two seconds."""
    true, skewed = story
    expected = {clock.key: clock for clock in fold(true)}
    found = {clock.key: clock for clock in fold(skewed)}
    assert found.keys() == expected.keys()
    for key, clock in found.items():
        like = expected[key]
        assert (clock.state, clock.met_at is None, clock.ended_at is None, clock.policy_id) == (
            like.state, like.met_at is None, like.ended_at is None, like.policy_id,
        ), key  # fmt: skip
        steps = [
            step["kind"] for step in clock.explanation if step["kind"] in ("extension", "interim", "moved")
        ]
        assert steps == [
            step["kind"] for step in like.explanation if step["kind"] in ("extension", "interim", "moved")
        ]


@given(stories())
@settings(max_examples=300, deadline=None)
def test_no_duration_is_negative(story: tuple[list[f.Fact], list[f.Fact]]) -> None:
    """From a clock's start to its act, to its end, and over every pause."""
    for clock in fold(story[1]):
        for end in (clock.met_at, clock.ended_at):
            assert end is None or end - clock.started_at >= NOTHING, clock.key
        for step in clock.explanation:
            if step["kind"] == "pause":
                assert step["to"] is None or _length(step) >= NOTHING
                assert step.get("days", 0) >= 0
                assert step.get("seconds", 0) >= 0


def _length(step: dict[str, Any]) -> timedelta:
    return datetime.fromisoformat(step["to"]) - datetime.fromisoformat(step["from"])


@given(stories(), st.randoms())
@settings(max_examples=100, deadline=None)
def test_the_order_is_that_of_the_versions_however_they_came(
    story: tuple[list[f.Fact], list[f.Fact]], chance: Any
) -> None:
    facts = list(story[1])
    chance.shuffle(facts)
    ordered = in_order([*facts, *facts])
    assert len(ordered) == len(facts)
    assert isinstance(ordered[0], f.AppealRegistered)
    versions = [fact.sequence for fact in ordered if fact.sequence is not None]
    assert versions == sorted(versions)


async def test_a_story_told_by_a_clock_that_steps_back(sessions: Callable[[str], Any]) -> None:
    """Every act two seconds before the one it follows: all count, the answer in time, nothing is overdue."""
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(3))
    start, request, extension = appeal.received_at, uuid7(), uuid7()
    story = [
        appeal.registered(),
        appeal.created(at=start - STEP, sequence=1),
        appeal.accepted(start - 2 * STEP, sequence=2),
        appeal.asked(start - 3 * STEP).model_copy(update={"sequence": 3}),
        appeal.clarified(start - 4 * STEP).model_copy(update={"sequence": 4}),
        appeal.documents_requested(start - 5 * STEP, request).model_copy(update={"sequence": 4}),
        appeal.documents_received(start - 6 * STEP, request).model_copy(update={"sequence": 4}),
        appeal.extension(start - 7 * STEP, extension=extension).model_copy(update={"sequence": 4}),
        appeal.answered(start - 8 * STEP, sequence=5),
        appeal.reopened(start - 9 * STEP).model_copy(update={"sequence": 6}),
        appeal.answered(start - 10 * STEP, sequence=7),
    ]
    for event in reversed(story):
        await deliver(sla, event)
    clocks = await clocks_of(sla, appeal)
    assert {name: row["state"] for name, row in clocks.items() if name.startswith("one:")} == {
        "one:react:1": "met",
        "one:answer:1": "met",
        "one:answer:2": "met",
        "one:documents:1": "met",
    }
    negative = await rows(
        sla, "SELECT clock, cycle FROM sla.clock WHERE met_at < started_at OR ended_at < started_at"
    )
    assert negative == []
    assert await fire(sla) == 0
    assert await said(sla, "breached") == []


async def test_nothing_fires_before_its_time(sessions: Callable[[str], Any]) -> None:
    """An act of the other machine's future ends a clock too late: the breach is not dated before its due time."""
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(1))
    await deliver(sla, appeal.registered(), appeal.created(sequence=1))
    due_at = (await clocks_of(sla, appeal))["one:answer:1"]["due_at"]
    await deliver(sla, appeal.answered(due_at + STEP, sequence=2))
    fired = await rows(
        sla, "SELECT fired_at - due_for_firing_at AS late FROM sla.firing WHERE kind = 'breach'"
    )
    assert fired
    assert all(row["late"] >= NOTHING for row in fired)
    (breach,) = [each for each in await said(sla, "breached") if each["data"]["clock"] == "answer"]
    assert datetime.fromisoformat(breach["data"]["fired_at"]) > datetime.fromisoformat(
        breach["data"]["due_at"]
    )
