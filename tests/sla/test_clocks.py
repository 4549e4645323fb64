"""An appeal's clocks from its journal, story by story: terms, pauses, promises, policies, calendars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.sla.calendars.rules.calendars import Calendar, CalendarChanges, open_calendar
from services.sla.calendars.rules.office_hours import Office
from services.sla.calendars.rules.terms import Term
from services.sla.clocks.rules import facts as f
from services.sla.clocks.rules.changes import explain_change, revise
from services.sla.clocks.rules.fold import fold_clocks
from services.sla.policies.rules.defaults import default_policies
from tests.sla.governing import find_governing
from tests.sla.story import (
    LATER,
    POLICIES,
    START,
    at,
    calendar_of,
    created,
    due,
    fact,
    fold,
    on,
    policy_of,
    registered,
)


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
    assert clocks["one:answer:1"].state == "met"
    late = fold([*facts[:2], on(f.AssignmentAnswered, "2026-10-02T00:00", outcome="explained")])
    assert late["one:answer:1"].state == "breached"
    assert late["one:answer:1"].met_at == at("2026-10-02T00:00")


def test_now_decides_only_what_nobody_has_met() -> None:
    facts = [registered(), created()]
    assert fold(facts, at("2026-10-01T23:59:59"))["one:answer:1"].state == "running"
    overdue = fold(facts, at("2026-10-02T00:00"))["one:answer:1"]
    assert (overdue.state, overdue.ended_at) == ("breached", None)
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
    assert (paused.state, paused.due_at) == ("paused", None)
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
    )
    again = on(f.ExtensionDecided, "2026-10-06T10:00", extension_id="y", approved=True, days=30)
    base = [created(regime="statutory"), asked]
    assert fold(base)["one:answer:1"].due_on == date(2026, 10, 1)
    extended = fold([*base, decided])["one:answer:1"]
    assert extended.due_on == date(2026, 10, 30)  # 31 October is a Saturday
    assert "решение координатора" in extended.reason
    assert fold([*base, decided, again])["one:answer:1"].due_on == extended.due_on
    refused = replace(decided, approved=False)  # type: ignore[call-arg]
    assert fold([*base, refused])["one:answer:1"].due_on == date(2026, 10, 1)
    too_late = on(f.ExtensionDecided, "2026-10-05T10:00", extension_id="z", approved=True, days=30)
    assert fold([base[0], too_late])["one:answer:1"].due_on == date(2026, 10, 1)


def test_a_promise_for_a_day_that_has_passed_says_that_day() -> None:
    facts = [created(), on(f.InterimAnswered, "2026-09-03T12:00", promised_on=date(2026, 9, 1))]
    promise = fold(facts, at("2026-09-03T13:00"))["one:promise:1"]
    assert due(promise) == "2026-09-03T23:59:59"
    assert "Заявителю обещано решение к дате 1 сентября 2026 года." in promise.reason


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
    kept = fold([*facts, on(f.AssignmentAnswered, "2026-10-04T20:00", outcome="solved")])["one:promise:1"]
    assert kept.state == "met"
    moved = fold(
        [
            *facts,
            on(f.AssignmentAnswered, "2026-10-01T12:00", outcome="postponed", promised_on=date(2026, 11, 1)),
        ]
    )
    assert (moved["one:promise:1"].state, moved["one:promise:2"].state) == ("cancelled", "running")


def test_a_special_outcome_has_seven_days_from_registration() -> None:
    facts = [created(regime="statutory"), fact(f.AppealMarked, "2026-09-02T10:00", case="special_outcome")]
    assert fold(facts)["one:answer:1"].due_on == date(2026, 9, 8)


def test_running_clocks_keep_their_policy_until_it_is_reapplied() -> None:
    newer = replace(
        policy_of("message", "answer"),
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
        "46",
        "Europe/Moscow",
        changes=CalendarChanges(days_off={date(2026, 10, 1): "День региона"}),
        version=2,
    )

    def as_of(office: Office, moment: datetime) -> Calendar:
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
