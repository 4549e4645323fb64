"""Appeals in other languages: their topic is not guessed, a person decides."""

from __future__ import annotations

from meaning import LANGUAGE_NAMES, RUSSIAN, UNKNOWN
from services.routing.placement.rules.decisions import Decision, Question, locate_question
from services.routing.placement.rules.locations import explain_location
from services.routing.reference.rules.region_reference import RegionReference


def is_foreign(language: str) -> bool:
    """Whether a text is in another language than Russian. What holds no words is in none."""
    return language not in (RUSSIAN, UNKNOWN)


def decide_foreign(reference: RegionReference, question: Question, language: str) -> Decision:
    """To triage, with the topic the citizen chose, if any."""
    requested = reference.topic_in_use(question.topic)
    location = locate_question(reference, question)
    name = LANGUAGE_NAMES.get(language, language)
    return Decision(
        requested.code if requested else None,
        location.municipality,
        triage_reason=f"Обращение не на русском языке ({name}): нужен перевод и решение человека.",
        explanation={
            "source": "citizen" if requested else "none",
            "score": None,
            **explain_location(location),
        },
    )
