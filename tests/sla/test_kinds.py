"""Kind and importance choose the policy, and never whether there is an answer clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.intake import Regime
from meaning.values import KINDS
from services.sla.calendars.rules.terms import Term
from services.sla.policies.rules.policies import (
    Policy,
    Subject,
    choose_policy,
    dump_policy,
    parse_policy,
    weigh,
)
from tests.sla.story import POLICIES, created, fold, registered


def one_of(name: str) -> Policy:
    return next(policy for policy in POLICIES if policy.name == name)


@settings(deadline=None)  # the first calendar takes its time
@given(
    kind=st.sampled_from([None, *KINDS, "unheard-of"]),
    importance=st.sampled_from([None, "normal", "high", "danger", "unheard-of"]),
    regime=st.sampled_from(["message", "statutory"]),
    body=st.sampled_from([None, "body"]),
    special=st.lists(st.sampled_from([*KINDS]), max_size=2, unique=True),
)
def test_every_appeal_has_an_answer_clock(
    kind: str | None, importance: str | None, regime: str, body: str | None, special: list[str]
) -> None:
    own = [
        replace(policy, id=f"{policy.id} {each}", kind=each, importance=importance)
        for policy in POLICIES
        if policy.clock == "react"
        for each in special
    ]
    facts = [
        registered(regime),
        created(regime=regime, body=body, importance=importance, appeal_kind=kind),
    ]
    clocks = fold(facts, policies=[*POLICIES, *own])
    assert clocks["one:answer:1"].due_at is not None


def test_a_danger_is_reacted_to_within_the_hour_day_and_night() -> None:
    clock = fold([registered(), created(moment="2026-09-01T22:05", importance="danger")])["one:react:1"]
    assert clock.due_at is not None
    assert clock.due_at.isoformat() == "2026-09-01T23:05:00+03:00"


def test_so_is_one_in_a_statutory_appeal() -> None:
    facts = [registered("statutory"), created(regime="statutory", importance="danger")]
    clock = fold(facts)["one:react:1"]
    assert clock.due_at is not None
    assert clock.due_at - clock.started_at == timedelta(hours=1)


@pytest.mark.parametrize("importance", [None, "high"])
@pytest.mark.parametrize("regime", ["message", "statutory"])
def test_no_policy_for_a_topic_outranks_the_hour_of_a_danger(regime: Regime, importance: str | None) -> None:
    """A region gives its roads three working days to react; a man under an open hatch has an hour all the same."""
    react = replace(one_of("Первая реакция"), regime=regime, region="46", topic="pit", importance=importance)
    slow = replace(react, id="slow", term=Term(3, "working_day"))
    danger = {"moment": "2026-09-01T22:05", "regime": regime, "importance": "danger", "topic": "pit"}

    def due(*own: Policy, **fields: str) -> str:
        facts = [registered(regime), created(**{**danger, **fields})]
        clock = fold(facts, policies=[*POLICIES, *own])["one:react:1"]
        return f"{clock.due_at:%d.%m %H:%M} {clock.policy_id}"

    assert due() == due(slow)
    assert due(slow).startswith("01.09 23:05")
    assert due(slow, importance="high").endswith(" slow"), "for all others it counts"
    quick = replace(react, id="quick", term=Term(15, "minute"))
    assert due(slow, quick) == "01.09 22:20 quick", "what is quicker by the clock counts as before"
    office = replace(react, id="office", term=Term(1, "working_hour"))
    assert due(office) == due(), "an hour of the office may be tomorrow's"
    own = replace(slow, id="own", importance="danger", term=Term(2, "calendar_hour"))
    assert due(own, slow) == "02.09 00:05 own", "what a region decides for dangers it decides"


def test_the_explanation_says_that_a_danger_is_more_important() -> None:
    slow = replace(one_of("Первая реакция"), id="slow", region="46", topic="pit", term=Term(3, "working_day"))
    subject = Subject("46", "message", "react", topic="pit", importance="danger")
    choice = choose_policy([*POLICIES, slow], subject, datetime(2026, 9, 1, tzinfo=UTC))
    assert choice is not None
    assert choice.policy.importance == "danger"
    assert choice.beaten[0].id == "slow"
    assert "; важнее, чем «Первая реакция»" in choice.text


def test_a_danger_is_never_slower_than_what_is_important() -> None:
    """A region that shortens answers for high importance only."""
    quick = replace(one_of("Ответ на сообщение"), id="quick", importance="high", term=Term(3, "calendar_day"))
    exact = replace(quick, id="exact", importance="danger", term=Term(1, "calendar_day"))
    due = {
        importance: [
            str(
                fold([registered(), created(importance=importance)], policies=[*POLICIES, *own])[
                    "one:answer:1"
                ].due_on
            )
            for own in ([quick], [quick, exact])
        ]
        for importance in ("normal", "high", "danger")
    }
    assert due["danger"] == [due["high"][0], "2026-09-02"]
    assert due["high"] == ["2026-09-04", "2026-09-04"]
    assert due["normal"] == ["2026-10-01", "2026-10-01"]


def test_a_policy_for_a_kind_counts_for_that_kind_alone() -> None:
    answer = one_of("Ответ на сообщение")
    quick = replace(answer, id="thanks", kind="thanks", term=Term(5, "calendar_day"))
    policies = [*POLICIES, quick]
    due = {
        kind: fold([registered(), created(appeal_kind=kind)], policies=policies)["one:answer:1"].due_on
        for kind in ("thanks", "problem")
    }
    assert [str(due["thanks"]), str(due["problem"])] == ["2026-09-04", "2026-10-01"]
    assert parse_policy(dump_policy(quick)) == quick


def test_kind_weighs_less_than_importance_and_more_than_channel() -> None:
    base = one_of("Ответ на сообщение")
    assert (
        weigh(replace(base, importance="high"))
        > weigh(replace(base, kind="question", channel="vk"))
        > weigh(replace(base, kind="question"))
        > weigh(replace(base, channel="vk"))
    )
