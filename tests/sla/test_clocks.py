"""An appeal's clocks from its journal: stories one by one, and any history in any order."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.sla.rules import facts as f
from services.sla.rules.calendars import Calendar, Overlay, open_calendar
from services.sla.rules.changes import explain_change, find_governing, revise
from services.sla.rules.clocks import Clock, Place, fold_clocks
from services.sla.rules.deadlines import is_late
from services.sla.rules.defaults import default_policies
from services.sla.rules.policies import Policy
from services.sla.rules.replays import recompute
from services.sla.rules.terms import Term

MOSCOW = ZoneInfo("Europe/Moscow")
POLICIES = default_policies("46")
START = datetime(2026, 9, 1, 10, tzinfo=MOSCOW)  # Tuesday
LATER = datetime(2026, 9, 1, 12, tzinfo=MOSCOW)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


def calendar_of(place: Place, moment: datetime) -> Calendar:
    return open_calendar(place.region, place.municipality)


def fold(
    facts: Sequence[f.Fact], now: datetime = LATER, policies: Sequence[Policy] = POLICIES
) -> dict[str, Clock]:
    return {clock.key: clock for clock in fold_clocks("appeal", facts, policies, calendar_of, now)}


_number = iter(range(10**9))


def fact(kind: Callable[..., f.Fact], moment: str | datetime, **values: Any) -> f.Fact:
    when = at(moment) if isinstance(moment, str) else moment
    return kind(event_id=f"e{next(_number)}", at=when, **values)


def registered(regime: str = "message", **values: Any) -> f.Fact:
    return fact(f.AppealRegistered, START, region="46", regime=regime, **values)


def created(
    name: str = "one",
    moment: str = "2026-09-01T10:05",
    body: str | None = "body",
    regime: str = "message",
    **values: Any,
) -> f.Fact:
    return fact(
        f.AssignmentCreated, moment, region="46", regime=regime, assignment_id=name, received_at=START,
        organisation_id=body, **values,
    )  # fmt: skip


def on(kind: Callable[..., f.Fact], moment: str, name: str = "one", **values: Any) -> f.Fact:
    return fact(kind, moment, assignment_id=name, **values)


def due(clock: Clock) -> str:
    return clock.due_at.strftime("%Y-%m-%dT%H:%M:%S") if clock.due_at else "-"


def test_a_message_gets_a_reaction_and_an_answer_clock() -> None:
    clocks = fold([registered(), created()])
    assert {key: (clock.state, due(clock)) for key, clock in clocks.items()} == {
        "appeal:answer:1": ("cancelled", "2026-10-01T23:59:59"),
        "one:answer:1": ("running", "2026-10-01T23:59:59"),
        "one:react:1": ("running", "2026-09-02T10:05:00"),
    }
    answer = clocks["one:answer:1"]
    assert answer.organisation_id == "body"
    assert answer.explanation[0]["policy_id"] == answer.policy_id
    assert "Ответ на сообщение" in answer.reason
    assert find_governing(clocks.values()) == answer


def test_an_appeal_without_a_body_is_never_without_a_deadline() -> None:
    alone = fold([registered()])
    assert find_governing(alone.values()) == alone["appeal:answer:1"]
    triage = fold([registered(), created(body=None)])
    assert set(triage) == {"appeal:answer:1", "one:answer:1"}
    assert triage["one:answer:1"].due_on == date(2026, 10, 1)
    uncovered = fold_clocks("appeal", [registered()], POLICIES, calendar_of, LATER, cover_unassigned=False)
    assert uncovered == []


def test_an_assignment_alone_is_enough() -> None:
    known = fold([created()])
    assert set(known) == {"one:answer:1", "one:react:1"}
    assert known["one:answer:1"] == fold([registered(), created()])["one:answer:1"]


def test_a_statutory_appeal_is_registered_forwarded_and_answered() -> None:
    facts = [
        registered("statutory", arrived_at=at("2026-08-29T18:00")),
        created(moment="2026-09-03T09:00", regime="statutory"),
        on(f.AssignmentAnswered, "2026-10-01T23:59:59", outcome="explained"),
    ]
    clocks = fold(facts)
    assert {key: (clock.state, due(clock)) for key, clock in clocks.items()} == {
        "appeal:register:1": ("met", "2026-09-01T23:59:59"),
        "appeal:forward:1": ("met", "2026-09-08T23:59:59"),
        "appeal:answer:1": ("cancelled", "2026-10-01T23:59:59"),
        "one:answer:1": ("met", "2026-10-01T23:59:59"),
    }
    assert clocks["one:answer:1"].in_time is True
    late = fold([*facts[:2], on(f.AssignmentAnswered, "2026-10-02T00:00", outcome="explained")])
    assert late["one:answer:1"].state == "breached"
    assert late["one:answer:1"].met_at == at("2026-10-02T00:00")


def test_now_decides_only_what_nobody_has_met() -> None:
    facts = [registered(), created()]
    assert fold(facts, at("2026-10-01T23:59:59"))["one:answer:1"].state == "running"
    overdue = fold(facts, at("2026-10-02T00:00"))["one:answer:1"]
    assert (overdue.state, overdue.ended_at, overdue.in_time) == ("breached", None, False)
    answered = [*facts, on(f.AssignmentAnswered, "2026-09-30T18:00", outcome="solved")]
    assert fold(answered, at("2027-09-30T18:00"))["one:answer:1"].state == "met"  # a breach disproved later


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (f.AssignmentAccepted, {}),
        (f.ClarificationAsked, {}),
        (f.InterimAnswered, {}),
        (f.AssignmentAnswered, {"outcome": "solved"}),
    ],
)
def test_the_first_sign_of_work_is_the_reaction(kind: Callable[..., f.Fact], values: dict[str, Any]) -> None:
    react = fold([created(), on(kind, "2026-09-02T10:05:00", **values)])["one:react:1"]
    assert (react.state, react.met_at) == ("met", at("2026-09-02T10:05:00"))
    late = fold([created(), on(kind, "2026-09-02T10:05:01", **values)])["one:react:1"]
    assert late.state == "breached"


def test_high_importance_is_faster() -> None:
    assert due(fold([created(importance="high")])["one:react:1"]) == "2026-09-01T15:05:00"


def test_a_clarification_stops_a_message_but_not_the_law() -> None:
    facts = [created(), on(f.ClarificationAsked, "2026-09-07T15:00")]
    paused = fold(facts, at("2027-01-15T10:00"))["one:answer:1"]
    assert (paused.state, paused.due_at, paused.in_time) == ("paused", None, None)
    resumed = fold([*facts, on(f.ClarificationGiven, "2026-09-14T09:00")])["one:answer:1"]
    assert resumed.due_on == date(2026, 10, 8)
    assert "уточнение у заявителя" in resumed.reason
    answered = fold([*facts, on(f.AssignmentAnswered, "2026-09-10T09:00", outcome="solved")])["one:answer:1"]
    assert answered.state == "met"
    law = fold([created(regime="statutory"), *facts[1:]])["one:answer:1"]
    assert law.due_on == date(2026, 10, 1)


def test_requested_documents_have_their_own_clock_and_pause_a_message() -> None:
    facts = [
        created(regime="statutory"),
        on(f.DocumentsRequested, "2026-09-07T15:00", request_id="r1"),
        on(f.DocumentsRequested, "2026-09-08T15:00", request_id="r2"),
        on(f.DocumentsReceived, "2026-09-23T15:00", request_id="r2"),
    ]
    clocks = fold(facts, at("2026-09-23T16:00"))
    assert (clocks["one:documents:1"].state, due(clocks["one:documents:1"])) == (
        "breached",
        "2026-09-22T23:59:59",
    )
    assert (clocks["one:documents:2"].state, due(clocks["one:documents:2"])) == ("met", "2026-09-23T23:59:59")
    assert clocks["one:answer:1"].due_on == date(2026, 10, 1)
    message = fold([created(), *facts[1:]])["one:answer:1"]
    assert message.state == "paused"  # r1 is still out


def test_one_extension_asked_for_in_time_and_no_longer_than_allowed() -> None:
    asked = on(f.ExtensionRequested, "2026-09-25T10:00", extension_id="x", days=45)
    decided = on(
        f.ExtensionDecided,
        "2026-10-05T10:00",
        extension_id="x",
        approved=True,
        days=45,
        reason="запрос в МВД",
    )
    again = on(f.ExtensionDecided, "2026-10-06T10:00", extension_id="y", approved=True, days=30)
    base = [created(regime="statutory"), asked]
    assert fold(base)["one:answer:1"].due_on == date(2026, 10, 1)
    extended = fold([*base, decided])["one:answer:1"]
    assert extended.due_on == date(2026, 10, 30)  # 31 October is a Saturday
    assert "запрос в МВД" in extended.reason
    assert fold([*base, decided, again])["one:answer:1"].due_on == extended.due_on
    refused = replace(decided, approved=False)  # type: ignore[call-arg]
    assert fold([*base, refused])["one:answer:1"].due_on == date(2026, 10, 1)
    too_late = on(f.ExtensionDecided, "2026-10-05T10:00", extension_id="z", approved=True, days=30)
    assert fold([base[0], too_late])["one:answer:1"].due_on == date(2026, 10, 1)


def test_an_interim_answer_starts_the_term_of_the_final_one() -> None:
    facts = [created(), on(f.InterimAnswered, "2026-09-03T12:00", promised_on=date(2026, 9, 20))]
    clocks = fold([*facts, on(f.InterimAnswered, "2026-09-09T12:00")])  # only the first counts
    answer = clocks["one:answer:1"]
    assert (answer.due_on, answer.started_at) == (date(2026, 9, 14), at("2026-09-03T12:00"))
    assert [step["kind"] for step in answer.explanation][:3] == ["policy", "interim", "start"]
    assert due(clocks["one:promise:1"]) == "2026-09-20T23:59:59"
    law = fold([created(regime="statutory"), *facts[1:]])["one:answer:1"]
    assert law.due_on == date(2026, 10, 1)
    overdue = fold([created(), on(f.InterimAnswered, "2026-10-05T12:00")], at("2026-10-06T10:00"))[
        "one:answer:1"
    ]
    assert (overdue.state, overdue.due_on) == ("breached", date(2026, 10, 1))


def test_a_postponed_solution_is_watched_until_its_date() -> None:
    facts = [
        created(),
        on(f.AssignmentAnswered, "2026-09-10T12:00", outcome="postponed", promised_on=date(2026, 10, 4)),
    ]
    clocks = fold(facts, at("2026-10-05T00:00"))
    assert clocks["one:answer:1"].state == "met"
    assert (clocks["one:promise:1"].state, due(clocks["one:promise:1"])) == (
        "breached",
        "2026-10-04T23:59:59",
    )
    kept = fold([*facts, on(f.PromiseKept, "2026-10-04T20:00")])["one:promise:1"]
    assert kept.state == "met"
    moved = fold(
        [
            *facts,
            on(f.AssignmentAnswered, "2026-10-01T12:00", outcome="postponed", promised_on=date(2026, 11, 1)),
        ]
    )
    assert (moved["one:promise:1"].state, moved["one:promise:2"].state) == ("cancelled", "running")


def test_a_redirect_ends_the_senders_clocks_and_starts_the_receivers() -> None:
    facts = [
        registered(),
        created(),
        on(f.AssignmentRedirected, "2026-09-04T11:00", successor_id="two"),
        created("two", "2026-09-04T11:00", "other", predecessor_id="one"),
    ]
    clocks = fold(facts, at("2026-09-04T12:00"))
    assert clocks["one:answer:1"].state == "cancelled"
    assert (
        clocks["one:react:1"].state == "breached"
    )  # the sender had not reacted in time, and that stays true
    assert (clocks["two:answer:1"].due_on, clocks["two:answer:1"].started_at) == (
        date(2026, 10, 2),  # 4 October is a Sunday
        at("2026-09-04T11:00"),
    )
    assert due(clocks["two:react:1"]) == "2026-09-07T11:00:00"
    assert find_governing(clocks.values()) == clocks["two:answer:1"]
    kept = [replace(policy, restart_on_redirect=False) for policy in POLICIES]
    assert fold(facts, policies=kept)["two:answer:1"].due_on == date(2026, 10, 1)
    waiting = fold(facts[:3], at("2026-09-04T12:00"))
    assert find_governing(waiting.values()) == waiting["appeal:answer:1"]  # until the successor is known


def test_a_correction_restarts_only_what_is_not_overdue() -> None:
    triage = [created(body=None), on(f.AssignmentCorrected, "2026-09-02T09:00", organisation_id="body")]
    clocks = fold(triage)
    assert clocks["one:answer:1"].due_on == date(2026, 10, 1)  # out of triage nothing starts anew
    assert due(clocks["one:react:1"]) == "2026-09-02T18:00:00"
    moved = [created(), on(f.AssignmentCorrected, "2026-09-04T11:00", organisation_id="other")]
    clocks = fold(moved, at("2026-09-04T12:00"))
    assert clocks["one:answer:1"].due_on == date(2026, 10, 2)
    assert [step["kind"] for step in clocks["one:answer:1"].explanation][:2] == ["policy", "moved"]
    assert (clocks["one:react:1"].organisation_id, clocks["one:react:2"].organisation_id) == ("body", "other")
    late = [created(), on(f.AssignmentCorrected, "2026-10-05T11:00", organisation_id="other")]
    assert fold(late, at("2026-10-06T10:00"))["one:answer:1"].state == "breached"


def test_a_corrected_topic_changes_running_clocks_only() -> None:
    policies = [
        *POLICIES,
        replace(_policy("message", "react"), id="pits", topic="Ямы", term=Term(1, "working_hour")),
    ]
    policies.append(
        replace(_policy("message", "answer"), id="pits answer", topic="Ямы", term=Term(5, "working_day"))
    )
    facts = [
        created(),
        on(f.AssignmentAccepted, "2026-09-01T16:00"),
        on(f.AssignmentCorrected, "2026-09-01T17:00", topic="Ямы"),
    ]
    clocks = fold(facts, policies=policies)
    assert clocks["one:react:1"].state == "met"
    assert clocks["one:answer:1"].due_on == date(2026, 9, 8)


def test_reopening_starts_a_new_answer_clock() -> None:
    facts = [
        created(),
        on(f.AssignmentAnswered, "2026-09-10T12:00", outcome="solved"),
        on(f.AssignmentReopened, "2026-09-20T12:00", cycle=2),
    ]
    clocks = fold(facts)
    assert clocks["one:answer:1"].state == "met"
    assert (clocks["one:answer:2"].state, clocks["one:answer:2"].due_on) == ("running", date(2026, 10, 20))
    assert find_governing(clocks.values()) == clocks["one:answer:2"]
    closed = fold([*facts, on(f.AssignmentAnswered, "2026-09-21T12:00", outcome="solved")])
    assert (closed["one:answer:1"].met_at, closed["one:answer:2"].met_at) == (
        at("2026-09-10T12:00"),
        at("2026-09-21T12:00"),
    )


def test_each_executor_has_a_clock_and_the_lead_governs() -> None:
    facts = [
        registered(),
        created(),
        created("help", "2026-09-02T10:00", "helper", role="co_executor"),
        on(f.AssignmentAnswered, "2026-09-05T10:00", outcome="solved"),
    ]
    clocks = fold(facts)
    assert clocks["help:answer:1"].state == "running"
    governing = find_governing(clocks.values())
    assert governing == clocks["one:answer:1"]


def test_of_several_questions_the_last_due_governs_and_a_paused_one_is_later_still() -> None:
    facts = [registered(), created(), created("two", predecessor_id="zero", moment="2026-09-08T10:00")]
    clocks = fold(facts)
    assert find_governing(clocks.values()) == clocks["two:answer:1"]
    paused = fold([*facts, on(f.ClarificationAsked, "2026-09-09T10:00")])
    assert find_governing(paused.values()) == paused["one:answer:1"]


@pytest.mark.parametrize("kind", [f.AppealWithdrawn, f.AppealRejected])
def test_the_end_of_the_appeal_ends_its_clocks(kind: Callable[..., f.Fact]) -> None:
    facts = [registered(), created(), fact(kind, "2026-09-03T10:00"), created("late", "2026-09-03T10:01")]
    clocks = fold(facts, at("2027-09-03T10:00"))
    assert {clock.state for clock in clocks.values()} <= {"cancelled", "breached"}
    assert clocks["one:answer:1"].state == clocks["late:answer:1"].state == "cancelled"
    assert clocks["one:react:1"].state == "breached"


def test_a_special_outcome_has_seven_days_from_registration() -> None:
    facts = [created(regime="statutory"), fact(f.AppealMarked, "2026-09-02T10:00", case="special_outcome")]
    assert fold(facts)["one:answer:1"].due_on == date(2026, 9, 8)


def _policy(regime: str, clock: str) -> Policy:
    return next(
        policy for policy in POLICIES if (policy.regime, policy.clock, policy.case, policy.importance)
        == (regime, clock, None, None)
    )  # fmt: skip


def test_running_clocks_keep_their_policy_until_it_is_reapplied() -> None:
    newer = replace(
        _policy("message", "answer"),
        version=2,
        term=Term(10, "working_day"),
        valid_from=at("2026-09-03T00:00"),
    )
    policies = [*POLICIES, newer]
    facts = [created()]
    old = fold(facts, policies=policies)["one:answer:1"]
    assert (old.policy_version, old.due_on) == (1, date(2026, 10, 1))
    for clock, version in (("react", 1), ("answer", 2), (None, 2)):
        again = fold([*facts, fact(f.PolicyReapplied, "2026-09-04T00:00", clock=clock)], policies=policies)
        assert again["one:answer:1"].policy_version == version
    new = again["one:answer:1"]
    assert new.due_on == date(2026, 9, 15)
    told = explain_change(old, new)
    assert told is not None
    assert "регламент версии 2" in told
    closed = [*facts, on(f.AssignmentAnswered, "2026-09-03T12:00", outcome="solved")]
    kept = fold([*closed, fact(f.PolicyReapplied, "2026-09-04T00:00")], policies=policies)
    assert kept["one:answer:1"].policy_version == 1


def test_an_edited_calendar_redates_running_clocks_and_says_why() -> None:
    edited = Calendar(
        "46", "Europe/Moscow", overlay=Overlay(days_off={date(2026, 10, 1): "День региона"}), version=2
    )

    def as_of(place: Place, moment: datetime) -> Calendar:
        return edited if moment >= at("2026-09-10T00:00") else open_calendar("46")

    facts = [created()]
    (old, _), (new, _) = (
        [clock for clock in fold_clocks("appeal", facts, POLICIES, as_of, now) if clock.clock == "answer"]
        + [None]
        for now in (LATER, at("2026-09-11T00:00"))
    )
    assert old is not None
    assert new is not None
    assert (old.due_on, new.due_on) == (date(2026, 10, 1), date(2026, 9, 30))
    told = explain_change(old, new)
    assert told is not None
    assert "производственный календарь (версия 1 → 2)" in told
    answered = [created(), on(f.AssignmentAnswered, "2026-09-05T10:00", outcome="solved")]
    met = fold_clocks("appeal", answered, POLICIES, as_of, at("2026-09-11T00:00"))
    assert {clock.due_on for clock in met if clock.clock == "answer"} == {date(2026, 10, 1)}


def test_the_zone_is_the_municipalitys() -> None:
    kolyma = fact(
        f.AssignmentCreated, "2026-09-01T10:05", region="14", regime="message", municipality="98646101",
        assignment_id="one", received_at=START, organisation_id="body",
    )  # fmt: skip
    (clock,) = [
        clock
        for clock in fold_clocks("appeal", [kolyma], default_policies("14"), calendar_of, LATER)
        if clock.clock == "answer"
    ]
    assert clock.due_at is not None
    assert clock.due_at.utcoffset() == timedelta(hours=11)


def test_a_version_grows_with_what_matters() -> None:
    first = fold([created()])["one:answer:1"]
    assert revise(None, first).version == 1
    stored = replace(first, version=7)
    assert revise(stored, first).version == 7
    assert revise(stored, fold([created()], at("2027-01-01T00:00"))["one:answer:1"]).version == 8
    assert explain_change(first, first) is None


def test_a_region_without_policies_has_no_clocks() -> None:
    assert fold([registered(), created()], policies=[]) == {}


# any history

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
    (f.PromiseKept, {}),
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
def pasts(draw: st.DrawFn) -> f.Past:
    """Of a case another system kept: answered there or not, with a due time of its own or not."""
    taken_over_at = START + timedelta(days=draw(st.integers(0, 60)))
    hours = st.integers(0, (taken_over_at - START) // timedelta(hours=1))
    due: Any = draw(st.sampled_from(["given", "none", "policy"]))
    return f.Past(
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
        "importance": draw(st.sampled_from(["normal", "high"])),
    }
    facts: list[f.Fact] = []
    past = draw(st.none() | pasts())

    def add(kind: Callable[..., f.Fact], moment: datetime, **values: Any) -> None:
        facts.append(kind(event_id=f"{draw(st.integers(0, 9))}-{len(facts)}", at=moment, **values))

    if draw(st.booleans()):
        add(
            f.AppealRegistered,
            START,
            arrived_at=draw(st.none() | st.just(START - timedelta(days=4))),
            past=past,
            **about,
        )
    for name in draw(st.sampled_from([["one"], ["one", "two"], ["one", "two", "three"]])):
        predecessor = "one" if name == "two" and draw(st.booleans()) else None
        add(
            f.AssignmentCreated, draw(_moments) if name != "one" or past is None else START, assignment_id=name,
            received_at=START, predecessor_id=predecessor, past=past if name == "one" else None,
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
    assert [f.parse_fact(json.loads(json.dumps(f.dump_fact(fact)))) for fact in facts] == facts


def test_facts_need_an_offset() -> None:
    with pytest.raises(ValueError):
        f.AppealWithdrawn(event_id="e", at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_every_kind_of_fact_has_its_place() -> None:
    def leaves(kind: type[f.Fact]) -> set[str]:
        below = {leaf for child in kind.__subclasses__() for leaf in leaves(child)}
        return below or {kind.__name__}

    # by name: dataclasses with slots leave their first draft behind as one more subclass
    parents = {"AssignmentFact", "_Described"}
    assert leaves(f.Fact) - parents == {kind.__name__ for kind in f.ORDER}
