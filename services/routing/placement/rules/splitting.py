"""An appeal of several questions: one assignment for each, where each is sure and they go to different organisations (R4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from services.routing.placement.rules.decisions import Decision, Question, decide_at, locate_question
from services.routing.placement.rules.guesses import Guess
from services.routing.placement.rules.law.questions import may_split, split_questions
from services.routing.placement.rules.levels import Thresholds
from services.routing.reference.rules.region_reference import RegionReference

SURE: Final = 0.5  # of a part's topic; a part is shorter than the text and easier to mistake


def questions_of(reference: RegionReference, question: Question) -> tuple[str, ...]:
    """The questions to be guessed apart; none where the citizen chose the topic or the text holds one only."""
    if reference.topic_in_use(question.topic) is not None:
        return ()
    parts = split_questions(question.text)
    return parts if len(parts) > 1 else ()


def decide_apart(
    reference: RegionReference,
    question: Question,
    parts: Sequence[str],
    guesses: Sequence[Guess],
    thresholds: Thresholds | None = None,
) -> tuple[Decision, ...]:
    """A decision for each question, the lead's first; none unless all are sure and go to different organisations.

    A question that names no place lies where the whole text does.
    """
    whole = locate_question(reference, question)
    decisions = []
    for part, guess in zip(parts, guesses, strict=True):
        own = replace(question, text=part)
        place = locate_question(reference, own)
        known = place.municipality or place.contested or place.unknown
        decided = decide_at(reference, own, guess, place if known else whole, thresholds)
        if guess.score < SURE or decided.organisation_id is None:
            return ()
        decisions.append(replace(decided, explanation={**decided.explanation, "question": part.strip()}))
    return tuple(decisions) if may_split([each.organisation_id for each in decisions]) else ()
