"""What a text would be taken for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from meaning import Meaning, read
from services.routing.placement.rules.decisions import (
    Guess,
    Question,
    choose_at,
    locate_question,
    read_guess,
)
from services.routing.placement.rules.foreign import is_foreign
from services.routing.placement.schemas import (
    Classification,
    Classify,
    JudgedImportance,
    JudgedKind,
    TopicGuess,
)
from services.routing.reference.queries.cache import classifier_of, read_reference
from services.routing.reference.queries.models import CHUNK, predict_topics
from services.routing.reference.schemas.organisations import OrganisationRef


async def read_meanings(texts: Sequence[str]) -> list[Meaning]:
    """Kind, importance and language of each text."""
    meanings: list[Meaning] = []
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        meanings += await asyncio.to_thread(_read_all, chunk)
    return meanings


def _read_all(texts: Sequence[str]) -> list[Meaning]:
    return list(map(read, texts))


async def classify_text(session: AsyncSession, body: Classify) -> Classification:
    """Topic and organisation a text would get; nothing is stored."""
    reference = await read_reference(session, body.region)
    (meaning,) = await read_meanings([body.text])
    guess = Guess()
    if not is_foreign(meaning.language):
        model = await classifier_of(session, reference)
        (prediction,) = await predict_topics(model.classifier, [body.text])
        guess = read_guess(reference, prediction)
    ranked = [
        TopicGuess(code=code, name=reference.topics[code].name, confidence=score)
        for code, score in guess.ranked
    ]
    location = locate_question(reference, Question(body.text, body.address, municipality=body.municipality))
    choice = choose_at(reference, guess.code, location, None)
    return Classification(
        topic=ranked[0] if ranked else None,
        organisation=OrganisationRef.maybe(
            None if is_foreign(meaning.language) else choice.organisation_id, reference
        ),
        confidence=guess.score,
        alternatives=ranked[1:],
        terms=list(guess.terms),
        kind=JudgedKind.model_validate(meaning.kind, from_attributes=True),
        importance=JudgedImportance.model_validate(meaning.importance, from_attributes=True),
        language=meaning.language,
        municipality=location.municipality,
    )
