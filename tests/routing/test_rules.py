"""Pure decisions: the walk of statuses, the most specific rule, names of places, the masking of official words."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.assignments.rules.redirects import receiver_of
from services.routing.assignments.rules.statuses import (
    CLAIMABLE,
    IN_QUEUE,
    OPEN,
    TRANSITIONS,
    Action,
    Status,
    is_allowed,
    queue_changes,
    queue_of,
    status_after,
)
from services.routing.placement.rules.decisions import Question, decide, needs_guess
from services.routing.placement.rules.guesses import Guess
from services.routing.reference.rules.competence import (
    CompetenceRule,
    KnownOrganisation,
    choose_co_executors,
    choose_lead,
    index_rules,
    is_subordinate,
)
from services.routing.reference.rules.dry_runs import Subject, with_rules, would_move
from services.routing.reference.rules.region_reference import KnownTopic, RegionReference, make_reference
from services.routing.reference.rules.region_settings import RegionSettings
from services.routing.reference.rules.territory import make_gazetteer

HOLDER = UUID(int=1)


@given(st.sampled_from(["new", "triage"]), st.lists(st.sampled_from(sorted(TRANSITIONS)), max_size=30))
def test_a_walk_keeps_the_feed_and_the_queue_in_step(start: Status, actions: list[Action]) -> None:
    """Whatever is tried, the feed says "entered" before "left", and ends where the queue ends."""
    status, standing = start, start in IN_QUEUE
    for action in actions:
        if not is_allowed(action, status):
            continue
        after = status_after(action, status)
        seen = [change for _, change in queue_changes(queue_of(HOLDER, status), queue_of(HOLDER, after))]
        if seen == ["entered"]:
            assert not standing
            standing = True
        elif seen == ["left"]:
            assert standing
            standing = False
        status = after
        assert standing == (status in IN_QUEUE)
    if status in ("cancelled", "redirected"):
        assert not any(is_allowed(action, status) for action in TRANSITIONS), "the end is the end"


def test_the_sets_of_statuses_agree() -> None:
    assert CLAIMABLE <= IN_QUEUE == OPEN - {"triage"}
    assert set(TRANSITIONS[Action.CANCEL]) == OPEN
    assert set(TRANSITIONS[Action.CLAIM]) == CLAIMABLE


BODIES = {UUID(int=n): KnownOrganisation(UUID(int=n), f"Орган {n}", "municipal", UUID(int=n // 2) if n > 1 else None)
          for n in range(1, 12)}  # fmt: skip
topics = st.sampled_from(["t1", "t2", None])
groups = st.sampled_from(["g1", "g2", None])
places = st.sampled_from(["38701000", "38602000", "38602101", None])


@st.composite
def rules(draw: st.DrawFn) -> list[CompetenceRule]:
    """Competence rules of a small region."""
    return [
        CompetenceRule(
            id=UUID(int=1000 + number),
            organisation_id=draw(st.sampled_from(sorted(BODIES))),
            topic=(topic := draw(topics)),
            group=None if topic else draw(groups),
            municipality=draw(places),
            role=draw(st.sampled_from(["lead", "lead", "co_executor"])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


_DISTRICT_OF = {"38602101": "38602000"}


def _matches(rule: CompetenceRule, topic: str | None, group: str | None, place: str | None) -> bool:
    return (
        (rule.topic is None or rule.topic == topic)
        and (rule.group is None or rule.group == group)
        and (rule.municipality is None or rule.municipality in (place, _DISTRICT_OF.get(place or "")))
    )


@given(rules(), topics, groups, places)
def test_the_most_specific_rule_wins(
    found: list[CompetenceRule], topic: str | None, group: str | None, place: str | None
) -> None:
    """The index agrees with a walk over all rules."""
    choice = choose_lead(index_rules(found), BODIES, topic=topic, group=group, municipality=place)
    fitting = [rule for rule in found if rule.role == "lead" and _matches(rule, topic, group, place)]
    if not fitting:
        assert choice.organisation_id is None
        assert choice.triage_reason
        return
    best = min(fitting, key=lambda rule: (tuple(-part for part in rule.specificity), rule.id))
    assert choice.rule == best
    assert choice.organisation_id == best.organisation_id


@given(rules(), topics, groups, places, st.sampled_from(sorted(BODIES)))
def test_a_complaint_never_goes_to_its_object_or_below(
    found: list[CompetenceRule], topic: str | None, group: str | None, place: str | None, accused: UUID
) -> None:
    book = index_rules(found)
    asked = {"topic": topic, "group": group, "municipality": place, "complained_about": accused}
    choice = choose_lead(book, BODIES, **asked)  # type: ignore[arg-type]
    if choice.organisation_id is None:
        assert choice.triage_reason
        return
    assert not is_subordinate(choice.organisation_id, accused, BODIES)
    helping = choose_co_executors(book, BODIES, lead=choice.organisation_id, **asked)  # type: ignore[arg-type]
    for rule in helping:
        assert rule.organisation_id != choice.organisation_id
        assert not is_subordinate(rule.organisation_id, accused, BODIES)


GAZETTEER = make_gazetteer(
    [("38701000", ["г. курск", "в курске"]), ("38602000", ["беловского район", "беловский район"])]
)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Яма в Курске на Ленина", "38701000"),
        ("Жители Беловского района без света", "38602000"),
        ("Из Беловского района едем в Курске стоим", None),
        ("Курская область", None),
        ("невкурске", None),
        ("", None),
    ],
)
def test_places_are_recognised_by_their_names(text: str, place: str | None) -> None:
    assert GAZETTEER.find(text) == place


@given(st.text(alphabet="абвг .,ё", max_size=30), st.text(alphabet="абвг .,ё", max_size=30))
def test_a_place_is_found_wherever_it_stands(before: str, after: str) -> None:
    assert GAZETTEER.find(f"{before} Беловский РАЙОН {after}") == "38602000"


def _book(**settings: float) -> RegionReference:
    body = UUID(int=4)
    return make_reference(
        "46",
        1,
        topics=[
            KnownTopic("t1", "Ямы", "g1", "Улицы"),
            KnownTopic("t2", "Свет", "g1", "Улицы", active=False),
        ],
        groups=["g1"],
        organisations=BODIES.values(),
        stems=[("38701000", ["в курске"])],
        rules=[
            CompetenceRule(UUID(int=1), body, topic="t1"),
            CompetenceRule(UUID(int=2), UUID(int=5), group="g1"),
        ],
        settings=RegionSettings(**settings),  # type: ignore[arg-type]
    )


@given(st.floats(0, 1), st.floats(0, 1))
def test_only_a_sure_guess_is_routed_by_itself(score: float, threshold: float) -> None:
    book = _book(auto_route_threshold=threshold, organisation_threshold=1.0, level_threshold=1.0)
    decision = decide(book, Question("яма"), Guess((("t1", score),)))
    assert (decision.organisation_id is None) == (score < threshold)
    assert decision.topic == "t1"
    assert (decision.triage_reason is None) == (decision.organisation_id is not None)
    assert decision.explanation["suggested_organisation"] == str(UUID(int=4))


def test_a_topic_out_of_use_is_unknown() -> None:
    assert needs_guess(_book(), "t2")
    assert needs_guess(_book(), None)
    assert not needs_guess(_book(), "t1")


def test_hops_are_limited_and_coordinators_are_not_executors() -> None:
    book = _book()
    sender, other = UUID(int=4), UUID(int=6)
    assert receiver_of(book, other, sender=sender, complained_about=None, hops=2) == (other, None)
    assert receiver_of(book, other, sender=sender, complained_about=None, hops=3)[0] is None
    # 6 stands below 3.
    assert receiver_of(book, other, sender=sender, complained_about=UUID(int=3), hops=1)[0] is None


def test_a_dry_run_compares_rules_with_rules() -> None:
    book = _book()
    subject = Subject("t1", None, None)
    assert would_move(book, with_rules(book, [], ()), subject) is None
    changed = with_rules(book, [CompetenceRule(UUID(int=9), UUID(int=7), topic="t1")], ())
    assert would_move(book, changed, subject) == (UUID(int=4), UUID(int=7))
    assert would_move(book, with_rules(book, [], {UUID(int=1)}), subject) == (UUID(int=4), UUID(int=5))
