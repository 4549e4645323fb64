"""Clocks of any history, in any order: facts shuffled, doubled, written down and read back."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.calendars.rules.deadlines import is_late
from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.fact_codec import dump_fact, parse_fact
from services.sla.clocks.rules.fold import fold_clocks
from tests.sla.recomputing import recompute
from tests.sla.story import (
    POLICIES,
    START,
    calendar_of,
)

_KINDS: list[tuple[Callable[..., f.Fact], dict[str, st.SearchStrategy[Any]]]] = [
    (f.AssignmentCorrected, {"organisation_id": st.sampled_from([None, "a", "b"]), "topic": st.sampled_from([None, "Ямы"])}),
    (f.AssignmentAccepted, {}),
    (f.InterimAnswered, {"promised_on": st.none() | st.dates(date(2026, 9, 1), date(2027, 3, 1))}),
    (
        f.AssignmentAnswered,
        {
            "outcome": st.sampled_from(["solved", "explained", "refused", "postponed"]),
            "promised_on": st.none() | st.dates(date(2026, 9, 1), date(2027, 3, 1)),
        },
    ),
    (f.AssignmentRedirected, {"successor_id": st.just("two")}),
    (f.AssignmentReopened, {"cycle": st.none() | st.integers(2, 4)}),
    (f.ClarificationAsked, {}),
    (f.ClarificationGiven, {}),
    (f.DocumentsRequested, {"request_id": st.sampled_from(["r1", "r2"])}),
    (f.DocumentsReceived, {"request_id": st.sampled_from(["r1", "r2"])}),
    (f.ExtensionRequested, {"extension_id": st.sampled_from(["x", "y"]), "days": st.integers(1, 40)}),
    (
        f.ExtensionDecided,
        {"extension_id": st.sampled_from(["x", "y"]), "approved": st.booleans(), "days": st.integers(1, 40)},
    ),
    (f.AssignmentCancelled, {}),
]  # fmt: skip

# Whole hours, so that several facts often share one instant and only their kind and id can order them.
_moments = st.integers(0, 24 * 70).map(lambda hours: START + timedelta(hours=hours))


@st.composite
def legacies(draw: st.DrawFn) -> f.LegacyDates:
    """Of a case another system kept: answered there or not, with a due time of its own or not."""
    taken_over_at = START + timedelta(days=draw(st.integers(0, 60)))
    hours = st.integers(0, (taken_over_at - START) // timedelta(hours=1))
    due: Any = draw(st.sampled_from(["given", "none", "policy"]))
    return f.LegacyDates(
        taken_over_at=taken_over_at,
        due=due,
        due_at=START + timedelta(hours=draw(st.integers(-100, 2000))) if due == "given" else None,
        closed_at=draw(st.none() | hours.map(lambda number: START + timedelta(hours=number))),
    )


@st.composite
def histories(draw: st.DrawFn) -> list[f.Fact]:
    regime = draw(st.sampled_from(["message", "statutory"]))
    about: dict[str, Any] = {
        "region": "46",
        "regime": regime,
        "importance": draw(st.sampled_from(["normal", "high", "danger"])),
        "appeal_kind": draw(st.sampled_from([None, "problem", "thanks"])),
    }
    facts: list[f.Fact] = []
    legacy = draw(st.none() | legacies())

    def add(kind: Callable[..., f.Fact], moment: datetime, **values: Any) -> None:
        facts.append(kind(event_id=f"{draw(st.integers(0, 9))}-{len(facts)}", at=moment, **values))

    if draw(st.booleans()):
        add(
            f.AppealRegistered,
            START,
            arrived_at=draw(st.none() | st.just(START - timedelta(days=4))),
            legacy=legacy,
            **about,
        )
    for name in draw(st.sampled_from([["one"], ["one", "two"], ["one", "two", "three"]])):
        predecessor = "one" if name == "two" and draw(st.booleans()) else None
        add(
            f.AssignmentCreated, draw(_moments) if name != "one" or legacy is None else START, assignment_id=name,
            received_at=START, predecessor_id=predecessor, legacy=legacy if name == "one" else None,
            organisation_id=draw(st.sampled_from([None, "a", "b"])),
            role=draw(st.sampled_from(["lead", "co_executor"])), **about,
        )  # fmt: skip
    for _ in range(draw(st.integers(0, 10))):
        kind, fields = draw(st.sampled_from(_KINDS))
        values = {name: draw(strategy) for name, strategy in fields.items()}
        add(kind, draw(_moments), assignment_id=draw(st.sampled_from(["one", "two", "three"])), **values)
    for kind in draw(
        st.lists(st.sampled_from([f.AppealWithdrawn, f.AppealForwarded, f.PolicyReapplied]), max_size=1)
    ):
        add(kind, draw(_moments))
    if draw(st.booleans()):
        add(f.AppealMarked, draw(_moments), case=draw(st.sampled_from(["fast_track", "special_outcome"])))
    return facts


@given(histories(), st.randoms(), _moments)
@settings(max_examples=150, deadline=None)
def test_shuffled_and_doubled_facts_give_the_same_clocks(
    facts: list[f.Fact], chance: random.Random, now: datetime
) -> None:
    clocks = fold_clocks("appeal", facts, POLICIES, calendar_of, now)
    mixed = [*facts, *chance.choices(facts, k=len(facts))]
    chance.shuffle(mixed)
    assert fold_clocks("appeal", mixed, POLICIES, calendar_of, now) == clocks


@given(histories(), _moments)
@settings(max_examples=200, deadline=None)
def test_every_clock_is_consistent(facts: list[f.Fact], now: datetime) -> None:
    clocks = fold_clocks("appeal", facts, POLICIES, calendar_of, now)
    assert len({clock.key for clock in clocks}) == len(clocks)
    for clock in clocks:
        assert recompute(json.loads(json.dumps(clock.explanation))) == clock.due_at
        moment = clock.ended_at or now
        late = clock.due_at is not None and is_late(moment, clock.due_at)
        assert (clock.state == "breached") == late
        assert (clock.state == "paused") == (clock.due_at is None and clock.ended_at is None)
        assert clock.state != "met" or clock.met_at is not None
        given_elsewhere = any(step["kind"] == "given" for step in clock.explanation)
        assert (
            given_elsewhere or clock.due_at is None or clock.due_at >= clock.started_at.replace(microsecond=0)
        )
    open_answers = [
        (clock.assignment_id, clock.clock) for clock in clocks if clock.ended_at is None and clock.clock in ("answer", "react", "promise")
    ]  # fmt: skip
    assert len(set(open_answers)) == len(open_answers), "one body owes one thing once"


@given(histories())
@settings(max_examples=60, deadline=None)
def test_facts_go_to_json_and_back(facts: list[f.Fact]) -> None:
    assert [parse_fact(json.loads(json.dumps(dump_fact(fact)))) for fact in facts] == facts


def test_facts_need_an_offset() -> None:
    with pytest.raises(ValueError):
        f.AppealWithdrawn(event_id="e", at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_every_kind_of_fact_has_its_place() -> None:
    def leaves(kind: type[f.Fact]) -> set[str]:
        below = {leaf for child in kind.__subclasses__() for leaf in leaves(child)}
        return below or {kind.__name__}

    # by name: dataclasses with slots leave their first draft behind as one more subclass
    parents = {"AssignmentFact", "Described"}
    assert leaves(f.Fact) - parents == {kind.__name__ for kind in f.ORDER}
