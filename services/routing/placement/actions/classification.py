"""The classifier behind one door: predictions in a thread, in small pieces, so that the event loop keeps answering."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.reference.queries.cache import Classifier, classifier_of, read_book
from services.routing.placement.rules.decisions import Prediction, Question, choose_at, locate_question, read_guess
from services.routing.assignments.schemas.assignments import name_organisation
from services.routing.placement.schemas import Classification, Classify, TopicGuess

CHUNK = 32


async def predict_topics(classifier: Classifier, texts: Sequence[str]) -> list[Prediction]:
    """One prediction per text."""
    predictions: list[Prediction] = []
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        predictions += await asyncio.to_thread(classifier.predict, chunk)
    return predictions


async def classify_text(session: AsyncSession, body: Classify) -> Classification:
    """Topic and body a text would get; nothing is stored."""
    book = await read_book(session, body.region)
    (prediction,) = await predict_topics(classifier_of(session), [body.text])
    guess = read_guess(book, prediction)
    ranked = [TopicGuess(code=c, name=book.topics[c].name, confidence=s) for c, s in guess.ranked]
    location = locate_question(book, Question(body.text, body.address, municipality=body.municipality))
    choice = choose_at(book, guess.code, location, None)
    return Classification(
        topic=ranked[0] if ranked else None,
        organisation=name_organisation(book, choice.organisation_id),
        confidence=guess.score,
        alternatives=ranked[1:],
        terms=list(guess.terms),
        municipality=location.municipality,
    )
