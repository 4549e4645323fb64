"""Where an appeal goes and why: topic, territory, competence, and the cases in which a person decides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.routing.assignments.rules.explanations import StoredExplanation, explain_choice
from services.routing.classifier.protocol import Prediction
from services.routing.placement.rules.locations import Location, locate
from services.routing.reference.rules.competence import Choice, CompetenceRule
from services.routing.reference.rules.houses import Served
from services.routing.reference.rules.region_reference import KnownTopic, RegionReference

ALTERNATIVES = 5


@dataclass(frozen=True)
class Guess:
    """A prediction in the region's own codes, best first; `ranked` is empty when no label is known here."""

    ranked: tuple[tuple[str, float], ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def best(self) -> tuple[str | None, float]:
        """The best guess and its confidence, 0..1."""
        return self.ranked[0] if self.ranked else (None, 0.0)

    @property
    def code(self) -> str | None:
        """The best guess."""
        return self.best[0]

    @property
    def score(self) -> float:
        """Its confidence."""
        return self.best[1]


@dataclass(frozen=True)
class Question:
    """What decides about an appeal's way. `day`: the local one of its registration; `house`: who serves its house."""

    text: str
    address: str | None = None
    topic: str | None = None
    municipality: str | None = None
    complained_about: UUID | None = None
    day: date | None = None
    house: Served | None = None


@dataclass(frozen=True)
class Decision:
    """The lead organisation, or the reason (a Russian sentence) why a coordinator has to choose one."""

    topic: str | None
    municipality: str | None
    organisation_id: UUID | None = None
    triage_reason: str | None = None
    co_executors: tuple[CompetenceRule, ...] = ()
    explanation: StoredExplanation = field(default_factory=lambda: StoredExplanation())


def read_guess(reference: RegionReference, prediction: Prediction) -> Guess:
    """Names → codes of the region; labels the region does not have are passed over."""
    found: dict[str, float] = {}
    for name, score in ((prediction.topic, prediction.confidence), *prediction.alternatives):
        code = reference.code_of(name)
        if code is not None:
            found.setdefault(code, round(float(score), 4))
    return Guess(tuple(found.items())[: ALTERNATIVES + 1], tuple(prediction.terms))


def needs_guess(reference: RegionReference, topic: str | None) -> bool:
    """Whether the classifier has to be asked: the citizen chose no topic, or an unknown one."""
    return reference.topic_in_use(topic) is None


def decide(reference: RegionReference, question: Question, guess: Guess | None) -> Decision:
    """The way of an appeal. `guess` is needed where `needs_guess` says so."""
    requested = reference.topic_in_use(question.topic)
    guess = guess or Guess()
    topic = requested.code if requested else guess.code
    location = locate_question(reference, question)
    place = location.municipality
    choice = choose_at(
        reference, topic, location, question.complained_about, on=question.day, house=question.house
    )
    explanation: StoredExplanation = {
        **_explain_topic(reference, requested, guess),
        "municipality": place,
        "municipality_found_in": location.found_in,
        **explain_choice(choice),
    }
    doubt = _doubt_about_request(reference, question) or _join(
        None if requested else _doubt_about_guess(reference, guess), location.doubt
    )
    reason = doubt or choice.triage_reason
    if reason is not None or choice.organisation_id is None:
        return Decision(topic, place, None, reason, explanation=explanation)
    co_executors = reference.choose_co_executors(
        topic,
        place,
        question.complained_about,
        choice.organisation_id,
        on=question.day,
        house=question.house,
    )
    return Decision(topic, place, choice.organisation_id, None, co_executors, explanation)


def _explain_topic(
    reference: RegionReference, requested: KnownTopic | None, guess: Guess
) -> StoredExplanation:
    explained: StoredExplanation = {
        "source": "model" if guess.code else "none",
        "score": guess.score,
        "threshold": reference.settings.auto_route_threshold,
        "terms": list(guess.terms),
        "alternatives": [{"topic": code, "score": score} for code, score in guess.ranked[1:]],
    }
    if requested is not None:
        explained |= {"source": "citizen", "score": None}
    return explained


def locate_question(reference: RegionReference, question: Question) -> Location:
    """Where an appeal belongs."""
    return locate(reference, question.municipality, question.address, question.text)


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


def _doubt_about_guess(reference: RegionReference, guess: Guess) -> str | None:
    if guess.code is None:
        return "Тему определить не удалось: назначьте тему и исполнителя."
    threshold = reference.settings.auto_route_threshold
    if guess.score < threshold:
        return (
            f"Уверенность в теме {guess.score:.0%} ниже порога {threshold:.0%}: проверьте тему и исполнителя."
        ).replace("%", " %")
    return None
