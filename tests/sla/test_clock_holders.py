"""Clocks when the question moves: redirects, corrections, reopenings, several executors, the end of the appeal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from services.sla.calendars.rules.terms import Term
from services.sla.clocks.rules import facts as f
from tests.sla.governing import find_governing
from tests.sla.story import (
    POLICIES,
    at,
    created,
    due,
    fact,
    fold,
    on,
    policy_of,
    registered,
)


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


def test_an_interim_answer_counts_for_who_gave_it_alone() -> None:
    facts = [
        created(),
        on(f.InterimAnswered, "2026-09-03T11:00"),
        on(f.AssignmentCorrected, "2026-09-11T11:00", organisation_id="other"),
    ]
    moved = fold(facts, at("2026-09-11T12:00"))["one:answer:1"]
    assert (moved.due_on, moved.started_at) == (
        date(2026, 10, 9),
        at("2026-09-11T11:00"),
    )  # 11 October is a Sunday
    assert [step["kind"] for step in moved.explanation][:3] == ["policy", "moved", "start"]
    its_own = [*facts, on(f.InterimAnswered, "2026-09-14T11:00"), on(f.InterimAnswered, "2026-09-15T11:00")]
    again = fold(its_own, at("2026-09-15T12:00"))["one:answer:1"]
    assert (again.due_on, again.started_at) == (date(2026, 9, 23), at("2026-09-14T11:00"))
    assert [step["kind"] for step in again.explanation][:3] == ["policy", "moved", "interim"]
    kept = [replace(policy, restart_on_redirect=False) for policy in POLICIES]
    assert fold(facts, policies=kept)["one:answer:1"].due_on == date(2026, 9, 14)


def test_what_goes_back_to_triage_owes_no_reaction_and_keeps_its_term() -> None:
    facts = [
        created(body=None),
        on(f.AssignmentCorrected, "2026-09-02T09:00", organisation_id="body"),
        on(f.AssignmentCorrected, "2026-09-02T10:00", to_triage=True),
    ]
    back = fold(facts, at("2026-09-04T12:00"))
    assert back["one:react:1"].state == "cancelled"
    assert (back["one:answer:1"].due_on, back["one:answer:1"].organisation_id) == (date(2026, 10, 1), None)
    again = fold([*facts, on(f.AssignmentCorrected, "2026-09-03T09:00", organisation_id="other")])
    assert again["one:answer:1"].due_on == date(2026, 10, 1), "out of triage nothing starts anew"
    assert (again["one:react:2"].organisation_id, due(again["one:react:2"])) == (
        "other",
        "2026-09-03T18:00:00",
    )


def test_a_corrected_topic_changes_running_clocks_only() -> None:
    policies = [
        *POLICIES,
        replace(policy_of("message", "react"), id="pits", topic="Ямы", term=Term(1, "working_hour")),
    ]
    policies.append(
        replace(policy_of("message", "answer"), id="pits answer", topic="Ямы", term=Term(5, "working_day"))
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
