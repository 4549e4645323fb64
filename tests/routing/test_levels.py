"""Decided by levels: what is sure decides, be it the topic, the organisation or only the city."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from services.routing.assignments.rules.steps import render_steps
from services.routing.placement.rules.decisions import Decision, Question, decide
from services.routing.placement.rules.guesses import Guess
from services.routing.placement.rules.levels import (
    Thresholds,
    rank_levels,
    rank_organisations,
    thresholds_of,
)
from services.routing.placement.rules.locations import Location
from services.routing.reference.rules.competence import (
    CompetenceRule,
    KnownOrganisation,
    index_rules,
    is_within_level,
    level_of,
    levels_of,
)
from services.routing.reference.rules.houses import HOUSE, Served, ServedBy
from services.routing.reference.rules.region_reference import KnownTopic, RegionReference, make_reference
from services.routing.reference.rules.region_settings import RegionSettings

GOV, CITY, ROADS, LIGHTS, COMPANY, HEALTH, CENTRE = (UUID(int=number) for number in range(1, 8))
BODIES = {
    each.id: each
    for each in (
        KnownOrganisation(GOV, "Правительство", "regional"),
        KnownOrganisation(CITY, "Администрация города", "municipal", GOV),
        KnownOrganisation(ROADS, "Комитет дорог", "municipal", CITY),
        KnownOrganisation(LIGHTS, "Горсвет", "municipal", CITY),
        KnownOrganisation(COMPANY, "Подрядчик", "company", ROADS),
        KnownOrganisation(HEALTH, "Комитет здравоохранения", "regional", GOV),
        KnownOrganisation(CENTRE, "Центр", "coordinator", GOV),
    )
}
HERE = Location("38701000", "text")


def book(**settings: float | None) -> RegionReference:
    """A city with two committees, and a regional committee."""
    rules = [("holes", ROADS), ("lamps", LIGHTS), ("clinics", HEALTH), ("bridges", ROADS), ("centre", CENTRE)]
    return make_reference(
        "46",
        1,
        topics=[KnownTopic(code, code.title(), "g", "Группа") for code, _ in rules],
        groups=["g"],
        organisations=BODIES.values(),
        stems=[("38701000", ["в курске"])],
        rules=[CompetenceRule(uuid5(GOV, code), body, topic=code) for code, body in rules],
        settings=RegionSettings(**settings),  # type: ignore[arg-type]
    )


def way(
    *ranked: tuple[str, float], agencies: tuple[tuple[str, float], ...] = (), **settings: float | None
) -> Decision:
    """What becomes of «В Курске …» with these guesses."""
    return decide(book(**settings), Question("В Курске беда с этим"), Guess(ranked, agencies=agencies))


def test_a_level_is_the_topmost_organisation_below_the_government() -> None:
    levels = {each: level_of(each, BODIES) for each in (COMPANY, ROADS, CITY, HEALTH, GOV)}
    assert levels == {COMPANY: CITY, ROADS: CITY, CITY: CITY, HEALTH: HEALTH, GOV: GOV}
    federal = {**BODIES, CENTRE: KnownOrganisation(CENTRE, "Министерство", "federal")}
    federal[GOV] = replace(BODIES[GOV], parent_id=CENTRE)
    assert level_of(COMPANY, federal) == CITY


def test_a_company_belongs_to_the_municipality_it_acts_in_whoever_supervises_it() -> None:
    supervised = KnownOrganisation(COMPANY, "УК", "company", HEALTH, municipality="38701000")
    city = replace(BODIES[CITY], municipality="38701000")
    roads = replace(BODIES[ROADS], municipality="38701000")
    known = {**BODIES, CITY: city, ROADS: roads, COMPANY: supervised}
    assert level_of(COMPANY, known) == CITY
    assert levels_of(known)[COMPANY] == CITY
    elsewhere = {**known, COMPANY: replace(supervised, municipality="38702000")}
    assert level_of(COMPANY, elsewhere) == HEALTH, "nobody administers its municipality"
    assert is_within_level(HEALTH, COMPANY, known), "who supervises it still hands over to it"
    assert not is_within_level(CITY, COMPANY, known)


def test_inside_a_level_only_who_stands_above_the_other_hands_over() -> None:
    assert is_within_level(CITY, COMPANY, BODIES)
    assert is_within_level(COMPANY, CITY, BODIES)
    assert not is_within_level(ROADS, LIGHTS, BODIES), "neighbours"
    assert not is_within_level(CITY, GOV, BODIES), "the government is a level of its own"
    assert not is_within_level(CITY, CITY, BODIES)


def test_a_sure_topic_decides() -> None:
    decision = way(("holes", 0.4), ("lamps", 0.3))
    assert (decision.organisation_id, decision.explanation["decided_by"]) == (ROADS, "topic")


def test_topics_that_lead_to_one_organisation_make_it_sure() -> None:
    decision = way(("holes", 0.29), ("bridges", 0.28), ("clinics", 0.2))
    assert (decision.organisation_id, decision.explanation["decided_by"]) == (ROADS, "organisation")
    assert decision.explanation["decided_score"] == 0.5415


def test_where_only_the_city_is_sure_the_city_gets_it_with_suggestions() -> None:
    decision = way(("holes", 0.28), ("lamps", 0.27), ("clinics", 0.05))
    assert (decision.organisation_id, decision.explanation["decided_by"]) == (CITY, "level")
    assert [each["organisation"] for each in decision.explanation["suggestions"]] == [str(ROADS), str(LIGHTS)]
    assert decision.co_executors == ()
    sentences = " ".join(render_steps(decision.explanation, book(), decision.topic))
    assert "Исполнитель не ясен, но уровень определён: «Администрация города»" in sentences
    assert "Возможные исполнители: «Комитет дорог» 27\u00a0%, «Горсвет» 26\u00a0%." in sentences


def test_what_is_sure_in_nothing_waits_with_suggestions() -> None:
    decision = way(("clinics", 0.2), ("holes", 0.19), ("lamps", 0.1))
    assert decision.organisation_id is None
    assert "ниже порога 30 %" in (decision.triage_reason or "")
    assert len(decision.explanation["suggestions"]) == 3


def test_what_the_model_learned_is_a_hint_and_never_moves_an_appeal_alone() -> None:
    hints = (("Комитет здравоохранения", 0.9),)
    decision = way(("holes", 0.4), agencies=hints)
    assert decision.organisation_id is None, "rules and experience contradict each other"
    assert "расходятся" in (decision.triage_reason or "")
    assert decision.explanation["hints"] == [{"organisation": str(HEALTH), "score": 0.9}]
    weak = way(("holes", 0.4), agencies=(("Комитет здравоохранения", 0.2), ("Горсвет", 0.3)))
    assert weak.organisation_id == ROADS
    agreed = way(("holes", 0.28), agencies=(("Комитет дорог", 0.9),))
    assert (agreed.organisation_id, agreed.explanation["decided_by"]) == (ROADS, "organisation")


def test_a_level_that_no_rule_names_is_never_decided() -> None:
    decision = way(("holes", 0.1), agencies=(("Комитет здравоохранения", 0.99),))
    assert decision.organisation_id is None


def house_of(*companies: UUID, municipality: str = "38701000") -> Served:
    by = tuple(ServedBy(each, "management", municipality, HOUSE) for each in companies)
    return Served("улица Ленина, 5", by)


def of_house(house: Served, *ranked: tuple[str, float]) -> Decision:
    """The same where rules name whoever manages the house."""
    rules = [replace(rule, service="management") for rule in book().rules.all()]
    question = Question("В Курске беда с этим", house=house)
    return decide(replace(book(), rules=index_rules(rules)), question, Guess(ranked))


def test_an_unsure_topic_goes_to_the_company_of_the_house_too() -> None:
    likely = ("holes", 0.29), ("lamps", 0.28), ("clinics", 0.2)
    decision = of_house(house_of(COMPANY), *likely)
    assert (decision.organisation_id, decision.explanation["decided_by"]) == (COMPANY, "organisation")
    assert decision.explanation["note"].startswith("Адрес «улица Ленина, 5» обслуживает Подрядчик")
    assert of_house(house_of(COMPANY, municipality="38602000"), *likely).organisation_id == CITY, (
        "of another town"
    )
    assert of_house(house_of(), *likely).organisation_id == CITY, "nobody is known to serve it"


def test_of_two_companies_of_a_house_a_person_chooses_also_where_the_topic_is_unsure() -> None:
    decision = of_house(house_of(COMPANY, LIGHTS), ("holes", 0.29), ("bridges", 0.28), ("clinics", 0.2))
    assert decision.organisation_id is None
    assert set(decision.explanation["served_by"]) == {str(COMPANY), str(LIGHTS)}


LEARNED = {"organisation": {0.8: 0.7}, "level": {0.8: 0.55, 0.9: 0.9}}


def test_a_target_precision_takes_the_models_own_thresholds() -> None:
    region = RegionSettings(target_precision=0.8)
    assert thresholds_of(region, LEARNED) == Thresholds(None, 0.7, 0.55, of_model=True)
    assert thresholds_of(RegionSettings(target_precision=0.9), LEARNED) == Thresholds(
        None, None, 0.9, of_model=True
    ), "the model never reached it with organisations"
    assert thresholds_of(region, {}) == Thresholds(0.3, 0.5, 0.6), "a model that knows none"
    assert thresholds_of(region, {"topic": {0.8: 0.5}}) == Thresholds(0.3, 0.5, 0.6), "nor of whose they are"
    assert thresholds_of(RegionSettings(), LEARNED) == Thresholds(0.3, 0.5, 0.6)
    assert thresholds_of(RegionSettings(0.95), {}) == Thresholds(0.95, 0.95, 0.95), (
        "nothing is surer than asked"
    )


def targeted(
    *agencies: tuple[str, float], levels: tuple[tuple[str, float], ...] = (), complained: UUID | None = None
) -> Decision:
    """With a target of 0.8 and a model that has learned organisations."""
    guess = Guess((("holes", 0.6), ("lamps", 0.2)), agencies=agencies, levels=levels, learned=LEARNED)
    return decide(book(target_precision=0.8), Question("В Курске беда", complained_about=complained), guess)


def test_with_a_target_the_models_own_certainty_decides_where_the_rules_agree() -> None:
    sure = targeted(("Комитет дорог", 0.71), levels=(("Администрация города", 0.9),))
    assert (sure.organisation_id, sure.explanation["decided_by"]) == (ROADS, "organisation")
    assert (sure.explanation["decided_score"], sure.explanation["decided_threshold"]) == (0.71, 0.7)
    unsure = targeted(("Комитет дорог", 0.69), levels=(("Администрация города", 0.55),))
    assert (unsure.organisation_id, unsure.explanation["decided_by"]) == (CITY, "level")
    assert unsure.explanation["decided_score"] == 0.55
    assert targeted(("Комитет дорог", 0.69), levels=(("Администрация города", 0.54),)).organisation_id is None
    assert targeted().organisation_id is None, "a sure topic alone is not enough"


def test_with_a_target_the_rules_must_agree_and_the_law_holds() -> None:
    against = targeted(("Комитет здравоохранения", 0.9), levels=(("Комитет здравоохранения", 0.9),))
    assert against.organisation_id is None, "no rule names it"
    about_roads = targeted(("Комитет дорог", 0.9), levels=(("Администрация города", 0.9),), complained=ROADS)
    assert about_roads.organisation_id == CITY
    about_city = targeted(("Комитет дорог", 0.9), levels=(("Администрация города", 0.9),), complained=CITY)
    assert about_city.organisation_id not in (CITY, ROADS, LIGHTS)


def test_contested_places_of_one_level_go_to_the_level() -> None:
    ranked = rank_organisations(
        book(), Guess((("holes", 0.5), ("lamps", 0.4))), Location(contested=("38701000", "38701001"))
    )
    assert rank_levels(book(), ranked)[0][0] == CITY
    assert rank_organisations(book(), Guess((("holes", 0.9),)), Location(unknown="д. Нигде")) == ()


def test_the_centre_is_never_chosen_whatever_a_rule_says() -> None:
    for score in (0.9, 0.29):
        decision = way(("centre", score))
        assert decision.organisation_id is None
        assert "suggestions" not in decision.explanation


TOPICS = ("holes", "lamps", "clinics", "bridges", "unknown")


@given(
    st.lists(st.tuples(st.sampled_from(TOPICS), st.floats(0, 1)), unique_by=lambda pair: pair[0], max_size=5)
)
def test_probabilities_stay_probabilities_and_the_order_is_stable(guessed: list[tuple[str, float]]) -> None:
    total = sum(score for _, score in guessed) or 1.0
    guess = Guess(tuple((topic, score / max(total, 1.0)) for topic, score in guessed))
    ranked = rank_organisations(book(), guess, HERE)
    assert sum(score for _, score in ranked) <= 1.001
    assert all(0 <= score <= 1.001 for _, score in rank_levels(book(), ranked))
    assert ranked == rank_organisations(book(), guess, HERE)
    first, second = (decide(book(), Question("В Курске"), guess) for _ in range(2))
    assert first == second, "same input, same assignment"
