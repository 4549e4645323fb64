"""One clock for the citizen: a question that is handed down and back up inside one level keeps its day, however often and in
whatever order the deadline service learns of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.fact_codec import dump_fact, parse_fact
from services.sla.clocks.rules.fold import Clock
from services.sla.clocks.rules.ordering import in_order
from tests.conftest import FULL
from tests.sla.events import BODY, OTHER, Appeal, clocks_of, days, deliver, now
from tests.sla.story import START, at, created, fold, on, registered


def _governing(facts: list[f.Fact], now: datetime) -> Clock:
    return next(
        each for each in fold(facts, now).values() if each.clock == "answer" and each.state == "running"
    )


@st.composite
def hand_overs(draw: st.DrawFn) -> tuple[list[f.Fact], str]:
    """A question that comes to a level (from elsewhere or at first), and is handed to and fro inside it."""
    moment, facts, holder = START + timedelta(minutes=5), [registered()], "a0"
    facts.append(created(holder, moment.replace(tzinfo=None).isoformat()))
    if draw(st.booleans()):
        moment += timedelta(hours=draw(st.integers(0, 60)))
        facts += _hand_over("a0", "b0", moment, within_level=False)
        holder = "b0"
    for number in range(1, draw(st.integers(1, 5)) + 1):
        moment += timedelta(hours=draw(st.integers(0, 40)))
        following = f"c{number}"
        facts += _hand_over(holder, following, moment, within_level=True)
        holder = following
    return facts, holder


def _hand_over(sender: str, receiver: str, moment: datetime, *, within_level: bool) -> list[f.Fact]:
    text = moment.replace(tzinfo=None).isoformat()
    return [
        on(f.AssignmentRedirected, text, sender, successor_id=receiver),
        created(receiver, text, f"body {receiver}", predecessor_id=sender, within_level=within_level or None),
    ]


def _named_by_chance(facts: list[f.Fact], chance: random.Random) -> list[f.Fact]:
    """The same facts; how their events are named says nothing of which came first."""
    names = chance.sample(range(10**6), len(facts))
    return [replace(fact, event_id=f"e{name}") for fact, name in zip(facts, names, strict=True)]


@settings(max_examples=2000 if FULL else 60, deadline=None)
@given(hand_overs(), st.randoms(use_true_random=False))
def test_the_citizens_day_is_kept_over_any_sequence_of_hand_overs(
    history: tuple[list[f.Fact], str], chance: random.Random
) -> None:
    facts, holder = history
    first = next((n for n, fact in enumerate(facts) if getattr(fact, "within_level", None)), len(facts))
    now = facts[-1].at + timedelta(minutes=1)
    before = _governing(facts[: first - 1], now)
    shuffled = _named_by_chance([parse_fact(dump_fact(fact)) for fact in facts], chance)
    chance.shuffle(shuffled)
    after = _governing(shuffled, now)
    assert after.assignment_id == holder
    assert (after.due_on, after.due_at, after.started_at) == (before.due_on, before.due_at, before.started_at)


def test_hand_overs_of_one_instant_stand_one_after_the_other() -> None:
    """Also where a clock that has stepped back gives them all one time and their events' names run the other way."""
    moment = START + timedelta(minutes=5)
    facts = [registered(), created("a0", moment.replace(tzinfo=None).isoformat())]
    for number in range(4):
        facts += _hand_over(f"a{number}", f"a{number + 1}", moment, within_level=True)
    backwards = [replace(fact, event_id=f"e{100 - number}") for number, fact in enumerate(facts)]
    now = moment + timedelta(minutes=1)
    created_in_order = [fact for fact in in_order(backwards) if isinstance(fact, f.AssignmentCreated)]
    assert [fact.assignment_id for fact in created_in_order] == ["a0", "a1", "a2", "a3", "a4"]
    assert (_governing(backwards, now).assignment_id, _governing(backwards, now).started_at) == ("a4", START)


def test_what_was_granted_and_waited_for_goes_with_the_question() -> None:
    asked = [
        registered("statutory"),
        created(regime="statutory"),
        on(f.ExtensionRequested, "2026-09-10T10:00", extension_id="x", days=20),
        on(f.ExtensionDecided, "2026-09-11T10:00", extension_id="x", approved=True, days=20),
    ]
    handed = [
        *asked,
        on(f.AssignmentRedirected, "2026-09-12T10:00", successor_id="two"),
        created("two", "2026-09-12T10:00", "other", "statutory", predecessor_id="one", within_level=True),
    ]
    now = at("2026-09-12T11:00")
    assert _governing(handed, now).due_on == _governing(asked, now).due_on
    elsewhere = [
        *handed[:-1],
        created("two", "2026-09-12T10:00", "other", "statutory", predecessor_id="one"),
    ]
    assert _governing(elsewhere, now).due_on != _governing(asked, now).due_on, (
        "another level has its own term"
    )


@pytest.mark.parametrize("seed", range(3))
def test_days_asked_for_before_a_hand_over_are_the_receivers(seed: int) -> None:
    """Asked for by the city, decided when a committee of it has the question, and when that has given it back."""
    asked = [
        registered("statutory"),
        created(regime="statutory"),
        on(f.ExtensionRequested, "2026-09-10T10:00", extension_id="x", days=20),
    ]
    decided = on(f.ExtensionDecided, "2026-09-14T10:00", extension_id="x", approved=True, days=20)
    down = [
        on(f.AssignmentRedirected, "2026-09-11T10:00", successor_id="two"),
        created("two", "2026-09-11T10:00", "other", "statutory", predecessor_id="one", within_level=True),
    ]
    up = [
        on(f.AssignmentRedirected, "2026-09-12T10:00", name="two", successor_id="three"),
        created("three", "2026-09-12T10:00", "body", "statutory", predecessor_id="two", within_level=True),
    ]
    now = at("2026-09-14T11:00")
    granted = _governing([*asked, decided], now).due_on
    for handed in (down, [*down, *up]):
        facts = [*asked, *handed, decided]
        assert _governing(random.Random(seed).sample(facts, len(facts)), now).due_on == granted
        assert _governing([*asked, *handed], now).due_on != granted


async def test_a_coordinator_grants_them_to_the_receiver(client: Any, mint: Any, sla: Any) -> None:
    appeal, down, extension = Appeal(received_at=now() - days(10), regime="statutory"), uuid7(), uuid7()
    handed_at = now() - days(1)
    await deliver(
        sla,
        appeal.registered(),
        appeal.created(),
        appeal.extension(now() - days(2), 10, extension),
        appeal.redirected(handed_at, down),
        appeal.created(
            OTHER, handed_at, assignment_id=down, predecessor_id=appeal.assignment, within_level=True
        ),
    )
    before = (await clocks_of(sla, appeal))[f"{down}:answer:1"]["due_at"]
    answer = await client.post(
        f"/api/v1/extensions/{extension}/decision",
        json={"decision": "approve", "reason": "Ждём заключения"},
        headers=mint.headers("coordinator"),
    )
    assert (answer.status_code, answer.json()["decided_days"]) == (200, 10), answer.text
    assert (await clocks_of(sla, appeal))[f"{down}:answer:1"]["due_at"] > before + days(7)


def test_a_coordinators_move_inside_a_level_starts_nothing_anew() -> None:
    facts = [
        created(),
        on(f.AssignmentCorrected, "2026-09-04T11:00", organisation_id="other", within_level=True),
    ]
    now = at("2026-09-04T12:00")
    assert _governing(facts, now).due_on == _governing(facts[:1], now).due_on


@pytest.mark.parametrize("seed", range(3))
async def test_the_day_that_is_announced_stays_whatever_comes_first(
    sessions: Callable[[str], Any], seed: int
) -> None:
    """On the database, event by event: down to a committee and back up to the city."""
    sla, appeal = sessions("sla"), Appeal(received_at=now() - days(5))
    down, up = uuid7(), uuid7()
    first, second = now() - days(2), now() - days(1)
    events = [
        appeal.registered(),
        appeal.created(),
        appeal.redirected(first, down),
        appeal.created(OTHER, first, assignment_id=down, predecessor_id=appeal.assignment, within_level=True),
        appeal.redirected(second, up).model_copy(update={"assignment_id": down}),
        appeal.created(BODY, second, assignment_id=up, predecessor_id=down, within_level=True),
    ]
    untouched = Appeal(received_at=appeal.received_at)
    await deliver(sla, untouched.registered(), untouched.created())
    promised = (await clocks_of(sla, untouched))["one:answer:1"]["due_at"]
    shuffled = random.Random(seed).sample(events, len(events))
    for event in shuffled:
        await deliver(sla, event)
    clocks = await clocks_of(sla, appeal)
    assert {name: row["state"] for name, row in clocks.items() if ":answer:" in name} == {
        "one:answer:1": "cancelled",
        f"{down}:answer:1": "cancelled",
        f"{up}:answer:1": "running",
    }
    assert {row["due_at"] for name, row in clocks.items() if ":answer:" in name} == {promised}
