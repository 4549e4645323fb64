"""Where an appeal goes and why: topic, territory, competence, the law, and the cases in which a person decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from chassis.normal import NormalText
from contracts.intake import Location as Point
from contracts.intake import Regime
from services.routing.assignments.rules.explanations import StoredExplanation, explain_choice, explain_ranked
from services.routing.placement.rules.evidence import ReadText, read_text
from services.routing.placement.rules.guesses import Guess
from services.routing.placement.rules.law.proposals import Proposal, explain_proposal
from services.routing.placement.rules.law.reading import LegalQuestion, propose, propose_receiver
from services.routing.placement.rules.law.urgency import goes_at_once
from services.routing.placement.rules.levels import Thresholds, thresholds_of
from services.routing.placement.rules.locations import Location, explain_location, locate
from services.routing.placement.rules.ways import GuessedAppeal, Way, find_way
from services.routing.reference.rules.competence import Choice, CompetenceRule
from services.routing.reference.rules.houses import Served
from services.routing.reference.rules.region_reference import KnownTopic, RegionReference


@dataclass(frozen=True)
class Question:
    """What decides about an appeal's way. `anonymous`: without a surname or an address for the answer; `place`: its point,
    where that can be trusted; `day`: the local one of its registration; `house`: who serves its house; `normal`: the text's
    normal form, where it is at hand."""

    text: str
    address: str | None = None
    topic: str | None = None
    municipality: str | None = None
    complained_about: UUID | None = None
    regime: Regime = "message"
    channel: str = "portal"
    importance: str = "normal"
    anonymous: bool = False
    place: Point | None = None
    day: date | None = None
    house: Served | None = None
    normal: NormalText | None = field(default=None, compare=False, repr=False)

    @cached_property
    def read(self) -> ReadText:
        """The text, read once for all who look into it."""
        normal = self.normal
        is_at_hand = (
            normal is not None and normal.original == self.text
        )  # a part of a question is another text
        return ReadText(normal) if normal is not None and is_at_hand else read_text(self.text)

    @property
    def folded(self) -> str:
        """The text in its normal form and small letters."""
        return self.read.normal.folded


@dataclass(frozen=True)
class Decision:
    """The lead organisation, or the reason (a Russian sentence) why a coordinator has to choose one."""

    topic: str | None
    municipality: str | None
    organisation_id: UUID | None = None
    triage_reason: str | None = None
    co_executors: tuple[CompetenceRule, ...] = ()
    explanation: StoredExplanation = field(default_factory=lambda: StoredExplanation())


def needs_guess(reference: RegionReference, topic: str | None) -> bool:
    """Whether the classifier has to be asked: the citizen chose no topic, or an unknown one."""
    return reference.topic_in_use(topic) is None


def decide(
    reference: RegionReference,
    question: Question,
    guess: Guess | None,
    thresholds: Thresholds | None = None,
) -> Decision:
    """The way of an appeal. `guess` is needed where `needs_guess` says so; `thresholds`: of the model, else the region's.

    A function of its arguments alone: the same input, model and reference data give the same assignment.
    """
    location = locate_question(reference, question)
    return decide_at(reference, question, guess or Guess(), location, thresholds)


def decide_at(
    reference: RegionReference,
    question: Question,
    guess: Guess,
    location: Location,
    thresholds: Thresholds | None = None,
) -> Decision:
    """The same for a place that is known already."""
    requested = reference.topic_in_use(question.topic)
    topic = requested.code if requested else guess.code
    thresholds = thresholds or thresholds_of(reference.settings, guess.learned)
    choice = choose_at(
        reference, topic, location, question.complained_about, on=question.day, house=question.house
    )
    way = Way(choice, "citizen")
    if requested is None:
        asked = GuessedAppeal(
            reference,
            guess,
            location,
            question.complained_about,
            thresholds,
            choice,
            question.day,
            question.house,
        )
        way = find_way(asked)
    proposal = _read_law(reference, question, topic, way.choice)
    reason = _reason_of_triage(reference, question, guess, location, way, proposal)
    explanation: StoredExplanation = {
        **_explain_topic(requested, guess, way.threshold if thresholds.topic is None else thresholds.topic),
        **explain_location(location),
        **explain_choice(way.choice),
        **_explain_way(way, proposal),
    }
    if reason is not None:
        return Decision(topic, location.municipality, None, reason, explanation=explanation)
    assert way.choice.organisation_id is not None, "without one there is a reason"
    co_executors = _co_executors(reference, question, topic, location, way)
    return Decision(topic, location.municipality, way.choice.organisation_id, None, co_executors, explanation)


def _co_executors(
    reference: RegionReference, question: Question, topic: str | None, location: Location, way: Way
) -> tuple[CompetenceRule, ...]:
    """Those of the topic; where it is unsure, the organisation that gets the appeal calls in whom it needs."""
    lead = way.choice.organisation_id
    if way.by not in ("citizen", "topic") or lead is None:
        return ()
    return reference.choose_co_executors(
        topic,
        location.municipality,
        question.complained_about,
        lead,
        on=question.day,
        house=question.house,
    )


def _read_law(
    reference: RegionReference, question: Question, topic: str | None, choice: Choice
) -> Proposal | None:
    legal = LegalQuestion(
        question.folded, question.regime, question.channel, question.anonymous, question.complained_about
    )
    return propose(legal) or propose_receiver(reference, legal, topic, choice)


def _reason_of_triage(
    reference: RegionReference,
    question: Question,
    guess: Guess,
    location: Location,
    way: Way,
    proposal: Proposal | None,
) -> str | None:
    """What a person has to look at first; None where nothing stands against the choice."""
    held = proposal is not None and proposal.holds and not goes_at_once(question.importance)
    if held and proposal is not None and way.choice.organisation_id is not None:
        return f"{proposal.reason} ({proposal.basis})"
    unguessed = way.by != "citizen" and guess.code is None
    unclear = "Тему определить не удалось: назначьте тему и исполнителя." if unguessed else way.doubt
    doubt = _doubt_about_request(reference, question) or _join(unclear, location.doubt)
    if doubt is not None or way.by is None or way.choice.organisation_id is None:
        return doubt or way.choice.triage_reason
    return None


def _explain_topic(requested: KnownTopic | None, guess: Guess, threshold: float | None) -> StoredExplanation:
    explained: StoredExplanation = {
        "source": "model" if guess.code else "none",
        "score": guess.score,
        "terms": list(guess.terms),
        "alternatives": [{"topic": code, "score": score} for code, score in guess.ranked[1:]],
    }
    if threshold is not None:
        explained["threshold"] = threshold
    if guess.model is not None:
        explained["model"] = str(guess.model)
    if requested is not None:
        explained |= {"source": "citizen", "score": None}
    return explained


def _explain_way(way: Way, proposal: Proposal | None) -> StoredExplanation:
    """What is not there takes no room."""
    explained: StoredExplanation = {}
    if way.by is not None:
        explained["decided_by"] = way.by
    if way.by in ("organisation", "level"):
        explained |= {"decided_score": way.score, "decided_threshold": way.threshold}
    if way.suggestions:
        explained["suggestions"] = explain_ranked(way.suggestions)
    if way.hints:
        explained["hints"] = explain_ranked(way.hints)
    if proposal is not None:
        explained["proposal"] = explain_proposal(proposal)
    return explained


def locate_question(reference: RegionReference, question: Question) -> Location:
    """Where an appeal belongs."""
    return locate(reference, question.municipality, question.address, question.read, question.place)


def choose_at(
    reference: RegionReference,
    topic: str | None,
    location: Location,
    complained_about: UUID | None,
    *,
    on: date | None = None,
    house: Served | None = None,
) -> Choice:
    """The competent lead organisation of a place; of several contested places the one that all of them have, or nobody."""
    if location.unknown is not None:
        return Choice(triage_reason=location.doubt)
    if not location.contested:
        return reference.choose_lead(topic, location.municipality, complained_about, on=on, house=house)
    choices = [
        reference.choose_lead(topic, place, complained_about, on=on, house=house)
        for place in location.contested
    ]
    if len({choice.organisation_id for choice in choices}) == 1:
        return choices[0]
    return Choice(
        triage_reason="Названо несколько территорий, а исполнители у них разные: выберите исполнителя."
    )


def _join(*reasons: str | None) -> str | None:
    return " ".join(filter(None, reasons)) or None


def _doubt_about_request(reference: RegionReference, question: Question) -> str | None:
    if question.topic and reference.topic_in_use(question.topic) is None:
        return f"Выбранной темы «{question.topic}» нет в справочнике региона: проверьте тему и исполнителя."
    if question.complained_about and question.complained_about not in reference.organisations:
        return "Орган, на который подана жалоба, не найден в справочнике региона."
    return None
