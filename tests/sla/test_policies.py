"""Which policy applies: the most specific, the version in force, and the defaults with their sources."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.sla import ClockKind
from services.sla.calendars.rules.terms import Term
from services.sla.policies.rules.defaults import default_policies
from services.sla.policies.rules.policies import (
    ANY_REGION,
    Policy,
    PolicySet,
    Subject,
    choose_policy,
    dump_policy,
    parse_policy,
    weigh,
)

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
BASE = Policy("base", "46", "message", "answer", Term(30, "calendar_day"), NOW - timedelta(days=900))
POTHOLES = Subject(
    "46",
    "message",
    "answer",
    group="Дороги",
    topic="Ямы",
    channel="vk",
    importance="high",
    cases={"fast_track"},
)

NARROWER = [
    replace(BASE, id="everywhere", region="*"),
    BASE,
    replace(BASE, id="channel", channel="vk"),
    replace(BASE, id="importance", importance="high"),
    replace(BASE, id="group", group="Дороги"),
    replace(BASE, id="topic", topic="Ямы"),
    replace(BASE, id="case", case="fast_track"),
]


@given(st.permutations(NARROWER), st.integers(1, len(NARROWER)))
@settings(max_examples=60, deadline=None)
def test_the_most_specific_wins_in_any_order(policies: list[Policy], number: int) -> None:
    some = policies[:number]
    choice = choose_policy(some, POTHOLES, NOW)
    assert choice is not None
    assert choice.policy == max(some, key=NARROWER.index)
    assert len(choice.beaten) == number - 1
    assert [weigh(policy) for policy in choice.beaten] == sorted(map(weigh, choice.beaten), reverse=True)


def test_one_narrower_condition_outweighs_all_wider_ones() -> None:
    topic = replace(BASE, id="topic", region="*", topic="Ямы")
    rest = replace(BASE, id="rest", group="Дороги", importance="high", channel="vk")
    choice = choose_policy([rest, topic], POTHOLES, NOW)
    assert choice is not None
    assert choice.policy.id == "topic"


@pytest.mark.parametrize(
    "change",
    [
        {"region": "59"}, {"regime": "statutory"}, {"clock": "react"}, {"topic": "Освещение"}, {"group": "ЖКХ"},
        {"channel": "ok"}, {"importance": "normal"}, {"case": "migration"},
        {"valid_from": NOW + timedelta(seconds=1)}, {"valid_to": NOW},
    ],
)  # fmt: skip
def test_what_does_not_fit_does_not_apply(change: dict[str, object]) -> None:
    assert choose_policy([replace(BASE, **change)], POTHOLES, NOW) is None  # type: ignore[arg-type]


def test_a_new_version_rules_from_its_instant_on() -> None:
    newer = replace(BASE, version=2, valid_from=NOW, term=Term(10, "working_day"))
    before = choose_policy([newer, BASE], POTHOLES, NOW - timedelta(seconds=1))
    after = choose_policy([newer, BASE], POTHOLES, NOW)
    assert before is not None
    assert after is not None
    assert (before.policy.version, after.policy.version) == (1, 2)


def test_an_older_version_does_not_come_back() -> None:
    narrowed = replace(BASE, version=2, valid_from=NOW, topic="Освещение")
    ended = replace(BASE, version=2, valid_from=NOW - timedelta(days=1), valid_to=NOW)
    assert choose_policy([BASE, narrowed], POTHOLES, NOW) is None
    assert choose_policy([BASE, ended], POTHOLES, NOW) is None


def test_the_choice_says_why() -> None:
    choice = choose_policy(
        [BASE, replace(BASE, id="topic", name="Ямы за 10 дней", topic="Ямы")], POTHOLES, NOW
    )
    assert choice is not None
    assert "Ямы за 10 дней" in choice.text
    assert "тема «Ямы»" in choice.text
    assert "base" in choice.text
    assert choice.step["policy_id"] == "topic"
    assert choice.step["beaten"] == ["base"]
    json.dumps(choice.step)


@pytest.mark.parametrize(
    ("regime", "clock", "importance", "cases", "term", "rule"),
    [
        ("statutory", "register", None, (), Term(3, "calendar_day"), "next"),
        ("statutory", "forward", None, (), Term(7, "calendar_day"), "previous"),
        ("statutory", "forward", None, ("migration",), Term(5, "calendar_day"), "previous"),
        ("statutory", "answer", None, (), Term(30, "calendar_day"), "previous"),
        ("statutory", "answer", None, ("migration_head",), Term(20, "calendar_day"), "previous"),
        ("statutory", "answer", None, ("special_outcome",), Term(7, "calendar_day"), "previous"),
        ("statutory", "documents", None, (), Term(15, "calendar_day"), "previous"),
        ("message", "react", "normal", (), Term(8, "working_hour"), "previous"),
        ("message", "react", "high", (), Term(4, "working_hour"), "previous"),
        ("message", "answer", "normal", (), Term(30, "calendar_day"), "previous"),
        ("message", "answer", "normal", ("fast_track",), Term(3, "working_day"), "previous"),
        ("message", "answer", "normal", ("after_interim",), Term(7, "working_day"), "previous"),
    ],
)
def test_defaults(
    regime: str, clock: str, importance: str | None, cases: tuple[str, ...], term: Term, rule: str
) -> None:
    subject = Subject("46", regime, clock, importance=importance, cases=cases)  # type: ignore[arg-type]
    choice = choose_policy(default_policies("46"), subject, NOW)
    assert choice is not None
    assert choice.policy.term == term
    assert choice.policy.weekend_rule == rule
    assert choice.policy.basis


def test_defaults_follow_the_law_on_pauses_and_extensions() -> None:
    policies = default_policies("46")
    assert policies == default_policies("46")
    assert len({policy.id for policy in policies + default_policies("59")}) == 2 * len(policies)
    for policy in policies:
        if policy.regime == "statutory":
            assert policy.pauses == ()
            assert policy.max_extension_days <= 30


@given(
    st.builds(
        replace,
        st.sampled_from(default_policies("46")),
        version=st.integers(1, 9),
        topic=st.none() | st.text(min_size=1, max_size=5),
        valid_to=st.none() | st.just(NOW),
    )
)
@settings(max_examples=40, deadline=None)
def test_policies_go_to_json_and_back(policy: Policy) -> None:
    assert parse_policy(json.loads(json.dumps(dump_policy(policy)))) == policy


@pytest.mark.parametrize(
    "change",
    [
        {"term": {"days": 0, "unit": "working_day"}}, {"weekend_rule": "never"}, {"clock": "alarm"}, {"id": None},
        {"valid_from": "2026-01-01T00:00:00"}, {"valid_from": "soon"}, {"pauses": ["tea"]}, {"max_extension_days": -1},
    ],
)  # fmt: skip
def test_malformed_policies_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        parse_policy(dump_policy(BASE) | change)


CLOCKS: tuple[ClockKind, ...] = ("answer", "react")


def test_a_book_of_policies_chooses_as_one_looks_it_up_each_time() -> None:
    """At every turn, right before and after it, asked twice, for whatever may be asked."""
    random = Random(7)
    starts = [datetime(2026, month, 1, tzinfo=UTC) for month in range(1, 8)]
    policies = [
        Policy(
            id=random.choice("abcdef"),
            version=number,
            region=random.choice(["46", ANY_REGION]),
            regime="message",
            clock=random.choice(CLOCKS),
            term=Term(1 + number, "calendar_day"),
            valid_from=random.choice(starts),
            valid_to=random.choice([None, datetime(2026, 9, 1, tzinfo=UTC)]),
            group=random.choice([None, "roads"]),
            case=random.choice([None, None, "urgent"]),
        )
        for number in range(40)
    ]
    known = PolicySet(policies)
    turns = [*starts, datetime(2026, 9, 1, tzinfo=UTC)]
    tick = timedelta(microseconds=1)
    for at in (turn + offset for turn in turns for offset in (-tick, timedelta(0), tick)):
        for clock, group, cases in product(CLOCKS, (None, "roads", "parks"), ((), {"urgent"})):
            subject = Subject("46", "message", clock, group, cases=cases)
            found = {choose_policy(each, subject, at) for each in (policies, known, known)}
            assert len(found) == 1
