"""What the classifier makes of texts: predictions in a thread, in small pieces, so that the event loop keeps answering."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.assignments.rules.local_days import local_day
from services.routing.classifier.protocol import Classifier, Prediction
from services.routing.placement.rules.decisions import Question, choose_at, locate_question, read_guess
from services.routing.placement.schemas import Classification, Classify, TopicGuess
from services.routing.reference.queries.cache import classifier_of, read_reference
from services.routing.reference.queries.houses import find_served_house
from services.routing.reference.schemas.organisations import OrganisationRef

CHUNK = 32


async def predict_topics(classifier: Classifier, texts: Sequence[str]) -> list[Prediction]:
    """One prediction per text."""
    predictions: list[Prediction] = []
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        predictions += await asyncio.to_thread(classifier.predict, chunk)
    return predictions


async def classify_text(session: AsyncSession, body: Classify, now: datetime) -> Classification:
    """Topic and organisation a text would get today; nothing is stored."""
    reference = await read_reference(session, body.region)
    (prediction,) = await predict_topics(classifier_of(session), [body.text])
    guess = read_guess(reference, prediction)
    ranked = [
        TopicGuess(code=code, name=reference.topics[code].name, confidence=score)
        for code, score in guess.ranked
    ]
    location = locate_question(reference, Question(body.text, body.address, municipality=body.municipality))
    day = local_day(now, body.region, body.municipality)
    house = await find_served_house(session, reference, guess.code, body.address, body.text, day)
    choice = choose_at(reference, guess.code, location, None, on=day, house=house)
    return Classification(
        topic=ranked[0] if ranked else None,
        organisation=OrganisationRef.maybe(choice.organisation_id, reference),
        confidence=guess.score,
        alternatives=ranked[1:],
        terms=list(guess.terms),
        municipality=location.municipality,
    )
