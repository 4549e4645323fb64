"""No assignment ever goes to the organisation complained about or to one below it, whatever tree of organisations, rules,
guesses, hints, questions, redirects and corrections there are."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.routing.assignments.rules.redirects import receiver_of
from services.routing.placement.rules.decisions import Decision, Question, decide
from services.routing.placement.rules.guesses import Guess
from services.routing.placement.rules.levels import Thresholds
from services.routing.placement.rules.splitting import decide_apart
from services.routing.reference.rules.competence import (
    CompetenceRule,
    KnownOrganisation,
    chain_of,
)
from services.routing.reference.rules.region_reference import KnownTopic, RegionReference, make_reference
from services.routing.reference.rules.region_settings import RegionSettings
from tests.conftest import size

TOPICS = ("t1", "t2", "t3")
PLACES = ("38701000", "38602000")
KINDS = ("regional", "municipal", "company", "coordinator", "federal")
TEXTS = (
    "В Курске нет света",
    "В Беловском районе яма",
    "Свет и яма",
    "Жалоба на орган 2, в Курске нет света",
)


@st.composite
def regions(draw: st.DrawFn) -> RegionReference:
    """Up to nine organisations in any forest, cycles included, and rules that name any of them."""
    count = draw(st.integers(2, 9))
    ids = [UUID(int=number) for number in range(1, count + 1)]
    organisations = [
        KnownOrganisation(
            each,
            f"Орган {each.int}",
            draw(st.sampled_from(KINDS)),
            draw(st.none() | st.sampled_from(ids)),
            draw(st.integers(0, 9)) > 0,
        )
        for each in ids
    ]
    rules = [
        CompetenceRule(
            UUID(int=100 + number),
            draw(st.sampled_from(ids)),
            topic=draw(st.none() | st.sampled_from(TOPICS)),
            municipality=draw(st.none() | st.sampled_from(PLACES)),
            role=draw(st.sampled_from(["lead", "lead", "co_executor"])),
        )
        for number in range(draw(st.integers(1, 12)))
    ]
    return make_reference(
        "46",
        1,
        topics=[KnownTopic(topic, f"Тема {topic}", "g", "Группа") for topic in TOPICS],
        groups=["g"],
        organisations=organisations,
        stems=[(PLACES[0], ["в курске"]), (PLACES[1], ["беловском район"])],
        rules=rules,
        settings=RegionSettings(),
    )


@st.composite
def guesses(draw: st.DrawFn) -> Guess:
    topics = draw(st.permutations(TOPICS))
    scores = sorted((draw(st.floats(0.01, 0.5)) for _ in topics), reverse=True)
    agencies = draw(st.lists(st.tuples(st.integers(1, 9), st.floats(0, 1)), max_size=3))
    return Guess(
        tuple(zip(topics, scores, strict=True)),
        agencies=tuple((f"Орган {n}", score) for n, score in agencies),
    )


@st.composite
def complaints(draw: st.DrawFn) -> tuple[RegionReference, Question, list[Guess], Thresholds]:
    region = draw(regions())
    question = Question(
        draw(st.sampled_from(TEXTS)),
        topic=draw(st.none() | st.sampled_from(TOPICS)),
        municipality=draw(st.none() | st.sampled_from(PLACES)),
        complained_about=draw(st.sampled_from(sorted(region.organisations))),
        importance=draw(st.sampled_from(["normal", "danger"])),
    )
    low = st.floats(0, 0.6)
    thresholds = Thresholds(draw(st.none() | low), draw(low), draw(low))
    return region, question, [draw(guesses()) for _ in range(3)], thresholds


def _receivers(decision: Decision) -> list[UUID]:
    named = decision.explanation.get("suggestions", [])
    return [
        *([decision.organisation_id] if decision.organisation_id else []),
        *(rule.organisation_id for rule in decision.co_executors),
        *(UUID(each["organisation"]) for each in named),
    ]


@settings(max_examples=size(300, 20_000), deadline=None)
@given(complaints(), st.integers(1, 9))
def test_no_assignment_goes_to_the_object_of_a_complaint(
    case: tuple[RegionReference, Question, list[Guess], Thresholds], suggested: int
) -> None:
    region, question, (first, *others), thresholds = case
    decisions = [
        decide(region, question, first, thresholds),
        *decide_apart(region, question, TEXTS[:2], others, thresholds),
    ]
    receivers = [each for decision in decisions for each in _receivers(decision)]
    redirected, _ = receiver_of(
        region, UUID(int=suggested), sender=None, complained_about=question.complained_about, hops=1
    )
    for each in [*receivers, *([redirected] if redirected else [])]:
        assert question.complained_about not in chain_of(each, region.organisations)
        assert region.organisations[each].may_execute, "nor to the centre, nor to what is no more"
