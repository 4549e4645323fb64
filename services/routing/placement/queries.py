"""What the classifier makes of texts: predictions in a thread, in small pieces, so that the event loop keeps answering."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.assignments.rules.steps import render_steps
from services.routing.classifier.protocol import Classifier, Prediction
from services.routing.placement.rules.decisions import Decision, Question, decide
from services.routing.placement.rules.guesses import Guess, read_guess
from services.routing.placement.rules.levels import thresholds_of
from services.routing.placement.schemas import Classification, Classify, GroupGuess, TopicGuess
from services.routing.reference.queries.cache import classifier_of, read_reference
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef

CHUNK = 32


async def predict_topics(classifier: Classifier, texts: Sequence[str]) -> list[Prediction]:
    """One prediction per text."""
    predictions: list[Prediction] = []
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        predictions += await asyncio.to_thread(classifier.predict, chunk)
    return predictions


async def classify_text(session: AsyncSession, body: Classify) -> Classification:
    """Topic and organisation a text would get, decided as an appeal is; nothing is stored."""
    reference, classifier = await read_reference(session, body.region), classifier_of(session)
    (prediction,) = await predict_topics(classifier, [body.text])
    guess = read_guess(reference, prediction)
    thresholds = thresholds_of(reference.settings, classifier.thresholds)
    question = Question(body.text, body.address, municipality=body.municipality)
    return classification_of(reference, guess, decide(reference, question, guess, thresholds))


def classification_of(reference: RegionReference, guess: Guess, decision: Decision) -> Classification:
    """A decision as it is shown."""
    ranked = [
        TopicGuess(code=code, name=reference.topics[code].name, confidence=score)
        for code, score in guess.ranked
    ]
    known = reference.topic(guess.code)
    steps = render_steps(decision.explanation, reference, decision.topic)
    return Classification(
        topic=ranked[0] if ranked else None,
        group=GroupGuess(code=known.group, name=known.group_name) if known else None,
        organisation=OrganisationRef.maybe(decision.organisation_id, reference),
        confidence=guess.score,
        alternatives=ranked[1:],
        terms=list(guess.terms),
        municipality=decision.municipality,
        explanation=[*steps, *filter(None, [decision.triage_reason])],
    )
