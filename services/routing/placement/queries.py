"""What a text would be taken for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.normal import NormalText, normalise
from contracts.extents import judge_point
from contracts.intake import Location as Point
from meaning import Meaning, read
from services.routing.assignments.rules.local_days import local_day
from services.routing.assignments.rules.steps import render_steps
from services.routing.placement.rules.decisions import Decision, Question, decide
from services.routing.placement.rules.foreign import decide_foreign, is_foreign
from services.routing.placement.rules.guesses import Guess, read_guess
from services.routing.placement.schemas import (
    Classification,
    Classify,
    Draft,
    DraftTopic,
    DraftTopics,
    GroupGuess,
    JudgedImportance,
    JudgedKind,
    TopicGuess,
)
from services.routing.reference.queries.cache import classifier_of, read_reference
from services.routing.reference.queries.houses import find_served_house
from services.routing.reference.queries.models import CHUNK, predict_topics
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef

MOST_OFFERED: Final = 3


async def read_meanings(texts: Sequence[NormalText]) -> list[Meaning]:
    """Kind, importance and language of each text, given in its normal form."""
    meanings: list[Meaning] = []
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        meanings += await asyncio.to_thread(_read_all, chunk)
    return meanings


def _read_all(texts: Sequence[NormalText]) -> list[Meaning]:
    return [read(text.original, folded=text.folded) for text in texts]


async def classify_text(session: AsyncSession, body: Classify, now: datetime) -> Classification:
    """Topic and organisation a text would get today, decided as an appeal is; nothing is stored."""
    reference = await read_reference(session, body.region)
    (meaning,) = await read_meanings([normalise(body.text)])
    day = local_day(now, body.region, body.municipality)
    question = _question_of(body, meaning, day)
    if is_foreign(meaning.language):
        decision = decide_foreign(reference, question, meaning.language)
        return classification_of(reference, meaning, Guess(), decision)
    model = await classifier_of(session, reference)
    (prediction,) = await predict_topics(model.classifier, [body.text])
    guess = read_guess(reference, prediction, model.id, model.classifier.thresholds)
    house = await find_served_house(session, reference, guess.codes, body.address, body.text, day)
    decision = decide(reference, replace(question, house=house), guess)
    return classification_of(reference, meaning, guess, decision)


async def offer_topics(session: AsyncSession, body: Draft) -> DraftTopics:
    """The topics a draft seems to be about, and whether it tells of danger."""
    reference = await read_reference(session, body.region)
    (meaning,) = await read_meanings([normalise(body.text)])
    danger = meaning.importance.value == "danger"
    if is_foreign(meaning.language):
        return DraftTopics(items=[], danger=danger)
    model = await classifier_of(session, reference)
    (prediction,) = await predict_topics(model.classifier, [body.text])
    guess = read_guess(reference, prediction, model.id, model.classifier.thresholds)
    codes = [code for code, _ in guess.ranked[:MOST_OFFERED]]
    items = [DraftTopic(code=code, name=reference.topics[code].name) for code in codes]
    return DraftTopics(items=items, danger=danger)


def classification_of(
    reference: RegionReference, meaning: Meaning, guess: Guess, decision: Decision
) -> Classification:
    """A decision as it is shown."""
    ranked = [
        TopicGuess(code=code, name=reference.topics[code].name, confidence=score)
        for code, score in guess.ranked
    ]
    known = reference.topic(guess.code)
    settlement = reference.directory.by_code.get(decision.explanation.get("settlement") or "")
    steps = render_steps(decision.explanation, reference, decision.topic)
    return Classification(
        topic=ranked[0] if ranked else None,
        group=GroupGuess(code=known.group, name=known.group_name) if known else None,
        organisation=OrganisationRef.maybe(decision.organisation_id, reference),
        confidence=guess.score,
        alternatives=ranked[1:],
        terms=list(guess.terms),
        kind=JudgedKind.model_validate(meaning.kind, from_attributes=True),
        importance=JudgedImportance.model_validate(meaning.importance, from_attributes=True),
        language=meaning.language,
        municipality=decision.municipality,
        settlement=settlement.code if settlement else None,
        settlement_name=settlement.called if settlement else None,
        explanation=[*steps, *filter(None, [decision.triage_reason])],
    )


def _question_of(body: Classify, meaning: Meaning, day: date) -> Question:
    """A point that can't lie in the region says nothing."""
    place = body.location
    trusted = place is not None and judge_point(body.region, place.lat, place.lon) is None
    return Question(
        body.text,
        body.address,
        municipality=body.municipality,
        importance=meaning.importance.value,
        place=Point(lat=place.lat, lon=place.lon) if place is not None and trusted else None,
        day=day,
    )
