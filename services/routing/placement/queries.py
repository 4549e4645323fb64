"""What a text would be taken for."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.placement.rules.decisions import Question, choose_at, locate_question, read_guess
from services.routing.placement.schemas import Classification, Classify, TopicGuess
from services.routing.reference.queries.cache import classifier_of, read_reference
from services.routing.reference.queries.models import predict_topics
from services.routing.reference.schemas.organisations import OrganisationRef


async def classify_text(session: AsyncSession, body: Classify) -> Classification:
    """Topic and organisation a text would get; nothing is stored."""
    reference = await read_reference(session, body.region)
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
        organisation=OrganisationRef.maybe(choice.organisation_id, reference),
        confidence=guess.score,
        alternatives=ranked[1:],
        terms=list(guess.terms),
        municipality=location.municipality,
    )
