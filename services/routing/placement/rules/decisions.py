"""Where an appeal goes and why: topic, territory, competence, and the cases in which a person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from services.routing.reference.rules.region_reference import RegionBook
from services.routing.reference.rules.competence import Choice, Rule, choose_co_executors, choose_lead
from services.routing.placement.rules.locations import Location, locate

ALTERNATIVES = 5


class Prediction(Protocol):
    """What the classifier says of a text; labels are names of topics."""

    @property
    def topic(self) -> str: ...
    @property
    def confidence(self) -> float: ...
    @property
    def alternatives(self) -> Sequence[tuple[str, float]]: ...
    @property
    def terms(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Guess:
    """A prediction in the region's own codes, best first; `ranked` is empty when no label is known here."""

    ranked: tuple[tuple[str, float], ...] = ()
    terms: tuple[str, ...] = ()

    @property
    def code(self) -> str | None:
        """The best guess."""
        return self.ranked[0][0] if self.ranked else None

    @property
    def score(self) -> float:
        """Its confidence, 0..1."""
        return self.ranked[0][1] if self.ranked else 0.0


@dataclass(frozen=True)
class Question:
    """What decides about an appeal's way."""

    text: str
    address: str | None = None
    topic: str | None = None
    municipality: str | None = None
    complained_about: UUID | None = None


@dataclass(frozen=True)
class Decision:
    """The lead body, or the reason (a Russian sentence) why a coordinator has to choose one."""

    topic: str | None
    municipality: str | None
    organisation_id: UUID | None = None
    triage_reason: str | None = None
    co_executors: tuple[Rule, ...] = ()
    explanation: dict[str, Any] = field(default_factory=dict)


def read_guess(book: RegionBook, prediction: Prediction) -> Guess:
    """Names → codes of the region; labels the region does not have are passed over."""
    found: dict[str, float] = {}
    for name, score in ((prediction.topic, prediction.confidence), *prediction.alternatives):
        code = book.code_of(name)
        if code is not None:
            found.setdefault(code, round(float(score), 4))
    return Guess(tuple(found.items())[: ALTERNATIVES + 1], tuple(prediction.terms))


def needs_guess(book: RegionBook, topic: str | None) -> bool:
    """Whether the classifier has to be asked: the citizen chose no topic, or an unknown one."""
    return book.topic_in_use(topic) is None


def decide(book: RegionBook, question: Question, guess: Guess | None) -> Decision:
    """The way of an appeal. `guess` is needed where `needs_guess` says so."""
    wish = book.topic_in_use(question.topic)
    guess = guess or Guess()
    topic = wish.code if wish else guess.code
    location = locate_question(book, question)
    place = location.municipality
    choice = choose_at(book, topic, location, question.complained_about)
    reason = (
        _doubt_about_words(book, question)
        or _join(None if wish else _doubt_about_guess(book, guess), location.doubt)
        or choice.triage_reason
    )
    explanation = {
        "source": "citizen" if wish else "model" if topic else "none",
        "score": None if wish else guess.score,
        "threshold": book.settings.auto_route_threshold,
        "terms": list(guess.terms),
        "alternatives": show_ranked(book, guess.ranked[1:]),
        "municipality": place,
        "municipality_found_in": location.found_in,
        **explain_choice(choice),
    }
    if reason is not None:
        return Decision(topic, place, None, reason, explanation=explanation)
    co_executors = _co_executors(book, topic, place, choice, question.complained_about)
    return Decision(topic, place, choice.organisation_id, None, co_executors, explanation)


def locate_question(book: RegionBook, question: Question) -> Location:
    """Where an appeal belongs."""
    return locate(book, question.municipality, question.address, question.text)


def choose_at(
    book: RegionBook, topic: str | None, location: Location, complained_about: UUID | None
) -> Choice:
    """The competent lead body of a place; of several contested places the one that all of them have, or nobody."""
    if location.unknown is not None:
        return Choice(triage_reason=location.doubt)
    if not location.contested:
        return choose(book, topic, location.municipality, complained_about)
    choices = [choose(book, topic, place, complained_about) for place in location.contested]
    if len({choice.organisation_id for choice in choices}) == 1:
        return choices[0]
    return Choice(
        triage_reason="Названо несколько территорий, а исполнители у них разные: выберите исполнителя."
    )


def choose(
    book: RegionBook, topic: str | None, municipality: str | None, complained_about: UUID | None
) -> Choice:
    """The competent lead body."""
    known = book.topics.get(topic) if topic else None
    return choose_lead(
        book.rules,
        book.bodies,
        topic=topic,
        group=known.group if known else None,
        municipality=book.place_of(municipality),
        complained_about=complained_about,
    )


def _co_executors(
    book: RegionBook,
    topic: str | None,
    municipality: str | None,
    choice: Choice,
    complained_about: UUID | None,
) -> tuple[Rule, ...]:
    if choice.organisation_id is None:
        return ()
    known = book.topics.get(topic) if topic else None
    rules = choose_co_executors(
        book.rules,
        book.bodies,
        topic=topic,
        group=known.group if known else None,
        municipality=book.place_of(municipality),
        lead=choice.organisation_id,
        complained_about=complained_about,
    )
    return tuple({rule.organisation_id: rule for rule in reversed(rules)}.values())[::-1]


def _join(*reasons: str | None) -> str | None:
    return " ".join(filter(None, reasons)) or None


def _doubt_about_words(book: RegionBook, question: Question) -> str | None:
    if question.topic and book.topic_in_use(question.topic) is None:
        return f"Выбранной темы «{question.topic}» нет в справочнике региона: проверьте тему и исполнителя."
    if question.complained_about and question.complained_about not in book.bodies:
        return "Орган, на который подана жалоба, не найден в справочнике региона."
    return None


def _doubt_about_guess(book: RegionBook, guess: Guess) -> str | None:
    if guess.code is None:
        return "Тему определить не удалось: назначьте тему и исполнителя."
    threshold = book.settings.auto_route_threshold
    if guess.score < threshold:
        return (
            f"Уверенность в теме {guess.score:.0%} ниже порога {threshold:.0%}: проверьте тему и исполнителя."
        ).replace("%", " %")
    return None


def explain_choice(choice: Choice) -> dict[str, Any]:
    """The rule that decided, JSON-ready, and whom it names."""
    rule = choice.rule
    return {
        "rule": None
        if rule is None
        else {
            "id": str(rule.id),
            "topic": rule.topic,
            "group": rule.group,
            "municipality": rule.municipality,
            "organisation": str(rule.organisation_id),
            "role": rule.role,
            "comment": rule.comment,
        },
        "suggested_organisation": str(choice.organisation_id) if choice.organisation_id else None,
        "note": choice.note,
    }


def show_ranked(book: RegionBook, ranked: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    """Guesses for people: code, name, confidence."""
    return [{"topic": code, "name": book.topics[code].name, "score": score} for code, score in ranked]
