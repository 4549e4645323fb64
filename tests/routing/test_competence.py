"""The order, validity and seasons of rules against a plain walk over all of them; and never the complained-about."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.assignments.rules.explanations import ExplainedRule
from services.routing.assignments.rules.steps import render_steps
from services.routing.reference.rules.competence import (
    CompetenceRule,
    KnownOrganisation,
    choose_co_executors,
    choose_lead,
    index_rules,
    is_subordinate,
)
from services.routing.reference.rules.houses import Served, ServedBy
from services.routing.reference.rules.region_reference import KnownTopic, RegionReference, make_reference
from services.routing.reference.rules.region_settings import RegionSettings
from services.routing.reference.rules.sentences import describe_rule
from services.routing.reference.rules.validity import is_in_season, season_days

KURSK = "38701000"
ORGANISATIONS = {
    UUID(int=n): KnownOrganisation(
        UUID(int=n),
        f"Орган {n}",
        "coordinator" if n == 2 else "municipal",
        UUID(int=n // 2) if n > 1 else None,
        active=n != 5,
    )
    for n in range(1, 12)
}
ids = st.sampled_from(sorted(ORGANISATIONS))
topics, groups = st.sampled_from(["t1", "t2", None]), st.sampled_from(["g1", None])
DISTRICT, TOWN = "38602000", "38602101"
places = st.sampled_from([KURSK, DISTRICT, TOWN, None])
days = st.dates(date(2025, 11, 1), date(2027, 2, 1))
year_days = days.map(lambda day: f"{day:%m-%d}")
seasons = st.one_of(st.just((None, None)), st.tuples(year_days, year_days))


@st.composite
def rules(draw: st.DrawFn) -> list[CompetenceRule]:
    """Rules of a small region, many of them in each other's way."""
    found = []
    for number in range(draw(st.integers(0, 12))):
        season = draw(seasons)
        topic = draw(topics)
        found.append(
            CompetenceRule(
                id=UUID(int=1000 + number),
                organisation_id=draw(ids),
                topic=topic,
                group=None if topic else draw(groups),
                municipality=draw(places),
                role=draw(st.sampled_from(["lead", "lead", "co_executor"])),
                position=draw(st.sampled_from([None, None, 1, 2, 7])),
                valid_from=draw(st.none() | days),
                valid_to=draw(st.none() | days),
                season_from=season[0],
                season_to=season[1],
                service=draw(st.sampled_from([None, None, "management", "heat"])),
            )
        )
    return found


@st.composite
def houses(draw: st.DrawFn) -> Served | None:
    """A house that nobody, one or several companies serve."""
    by = [
        ServedBy(
            draw(ids), draw(st.sampled_from(["management", "heat"])), KURSK, draw(st.sampled_from([1, 3]))
        )
        for _ in range(draw(st.integers(0, 3)))
    ]
    return draw(st.sampled_from([None, Served("улица Ленина, 5", tuple(by))]))


def in_force(rule: CompetenceRule, day: date | None) -> bool:
    """Written without the code under test: walks through the season day by day."""
    if rule.valid_from is None and rule.valid_to is None and rule.season_from is None:
        return True
    if day is None or (rule.valid_from and day < rule.valid_from) or (rule.valid_to and day >= rule.valid_to):
        return False
    if rule.season_from is None:
        return True
    current, season = date.fromisoformat(f"2024-{rule.season_from}"), set()
    while True:
        season.add(f"{current:%m-%d}")
        if f"{current:%m-%d}" == rule.season_to:
            return f"{day:%m-%d}" in season
        following = current + timedelta(days=1)
        current = following if following.year == 2024 else date(2024, 1, 1)


def matches(rule: CompetenceRule, topic: str | None, group: str | None, place: str | None) -> bool:
    """A district's rule is its towns', too."""
    of_place = {place, DISTRICT} if place == TOWN else {place}
    return (
        rule.topic in (None, topic)
        and rule.group in (None, group)
        and (rule.municipality is None or rule.municipality in of_place)
    )


def in_order(rule: CompetenceRule) -> tuple[Any, ...]:
    subject = 2 if rule.topic else 1 if rule.group else 0
    place = {None: 0, TOWN: 2}.get(rule.municipality, 1)
    return (rule.position or math.inf, -subject, -place, rule.id)


def may_execute(organisation: UUID) -> bool:
    known = ORGANISATIONS[organisation]
    return known.active and known.kind != "coordinator"


@given(rules(), topics, groups, places, st.none() | days)
def test_the_first_rule_in_order_decides(
    found: list[CompetenceRule], topic: str | None, group: str | None, place: str | None, day: date | None
) -> None:
    asked = {"topic": topic, "group": group, "municipality": place, "on": day}
    choice = choose_lead(index_rules(found), ORGANISATIONS, **asked)  # type: ignore[arg-type]
    again = choose_lead(index_rules(reversed(found)), ORGANISATIONS, **asked)  # type: ignore[arg-type]
    assert choice == again, "the same rules, the same choice, however they were read"
    fitting = [
        rule
        for rule in found
        if rule.role == "lead"
        and matches(rule, topic, group, place)
        and in_force(rule, day)
        and may_execute(rule.organisation_id)
    ]
    if not fitting:
        assert choice.organisation_id is None
        assert choice.triage_reason
        return
    best = min(fitting, key=in_order)
    assert (choice.rule, choice.organisation_id) == (best, best.organisation_id)


@given(rules(), topics, groups, places, days, houses(), ids)
def test_whatever_the_rules_a_complaint_never_goes_to_its_object_or_below(
    found: list[CompetenceRule],
    topic: str | None,
    group: str | None,
    place: str | None,
    day: date,
    house: Served | None,
    accused: UUID,
) -> None:
    index = index_rules(found)
    asked: dict[str, Any] = {"topic": topic, "group": group, "municipality": place, "on": day}
    choice = choose_lead(index, ORGANISATIONS, complained_about=accused, house=house, **asked)
    for suggested in choice.suggestions:
        assert not is_subordinate(suggested, accused, ORGANISATIONS)
    if choice.organisation_id is None:
        assert choice.triage_reason
        return
    assert may_execute(choice.organisation_id)
    assert not is_subordinate(choice.organisation_id, accused, ORGANISATIONS)
    lead = choice.organisation_id
    asked |= {"house": house, "complained_about": accused}
    for rule in choose_co_executors(index, ORGANISATIONS, lead=lead, **asked):
        assert may_execute(rule.organisation_id)
        assert rule.organisation_id != lead
        assert in_force(rule, day)
        assert not is_subordinate(rule.organisation_id, accused, ORGANISATIONS)


@given(rules(), topics, places, days, houses())
def test_the_company_of_the_house_goes_before_the_rules_organisation(
    found: list[CompetenceRule], topic: str | None, place: str | None, day: date, house: Served | None
) -> None:
    index = index_rules(found)
    asked: dict[str, Any] = {"topic": topic, "group": "g1", "municipality": place, "on": day}
    choice, without = (choose_lead(index, ORGANISATIONS, house=each, **asked) for each in (house, None))
    if choice.rule is None or choice.rule.service is None or house is None:
        assert choice == without
        return
    companies = [each for each in house.companies(choice.rule.service) if may_execute(each)]
    if len(companies) > 1:
        assert choice.organisation_id is None
        assert choice.suggestions == tuple(companies)
    elif companies:
        assert choice.organisation_id == companies[0]
        assert "улица Ленина, 5" in choice.note
    else:
        assert choice == without


@given(year_days, year_days, st.dates(date(2024, 1, 1), date(2027, 12, 31)))
def test_a_season_is_the_days_between_its_ends_also_over_new_year(begin: str, end: str, day: date) -> None:
    assert is_in_season(day, begin, end) == (f"{day:%m-%d}" in season_days(begin, end))
    assert {begin, end} <= season_days(begin, end)
    wraps = begin > end
    assert ("01-01" in season_days(begin, end)) == (wraps or begin == "01-01")


@pytest.mark.parametrize(
    ("day", "inside"),
    [
        (date(2026, 11, 1), True),
        (date(2026, 10, 31), False),
        (date(2027, 3, 31), True),
        (date(2027, 4, 1), False),
        (date(2027, 1, 1), True),
    ],
)
def test_winter_goes_over_new_year(day: date, inside: bool) -> None:
    assert is_in_season(day, "11-01", "03-31") == inside


def test_a_rule_reads_as_a_sentence() -> None:
    reference = _reference()
    snow = CompetenceRule(
        UUID(int=1),
        UUID(int=3),
        topic="t1",
        municipality=KURSK,
        season_from="11-01",
        season_to="03-31",
        valid_to=date(2027, 6, 1),
        position=10,
    )
    assert describe_rule(snow, reference) == (
        "№ 10. С 1 ноября по 31 марта, до 01.06.2027: тема «Уборка снега», Город Курск → Орган 3"
    )
    helping = CompetenceRule(UUID(int=2), UUID(int=4), group="g1", role="co_executor")
    assert describe_rule(helping, reference) == "Группа тем «Улицы», весь регион → соисполнитель Орган 4"
    served = CompetenceRule(UUID(int=3), UUID(int=4), municipality="38602000", service="heat")
    assert describe_rule(served, reference) == (
        "Любая тема, ОКТМО 38602000 → организация, обслуживающая дом (теплоснабжение), а если она неизвестна – Орган 4"
    )


def test_an_explanation_names_what_its_rule_is_for() -> None:
    """Of a group of topics and of a municipality too: an official reads no codes."""
    rule: ExplainedRule = {
        "id": str(UUID(int=1)),
        "topic": None,
        "group": "g1",
        "municipality": KURSK,
        "organisation": str(UUID(int=3)),
        "role": "lead",
        "comment": "",
    }
    sentences = render_steps({"rule": rule}, _reference(), None)
    assert "Правило компетенции: группа тем «Улицы», Город Курск – «Орган 3»." in sentences


def _reference() -> RegionReference:
    return make_reference(
        "46",
        1,
        topics=[KnownTopic("t1", "Уборка снега", "g1", "Улицы")],
        groups=["g1"],
        organisations=ORGANISATIONS.values(),
        stems=[(KURSK, ["в курске"])],
        rules=[],
        settings=RegionSettings(),
        place_names={KURSK: "Город Курск"},
    )
