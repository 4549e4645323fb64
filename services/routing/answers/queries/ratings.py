"""How citizens rated an organisation's answers lately."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row
from services.routing.answers.rules.review import AnswerFacts

LAST: Final = 50
_RATINGS = """
SELECT avg(score)::float8 AS mean_score, count(*)::int AS ratings FROM (
    SELECT score FROM routing.answer_verdict
    WHERE region = :region AND organisation_id = :organisation AND score IS NOT NULL
    ORDER BY answered_at DESC LIMIT :limit
) AS last
"""


@dataclass(frozen=True, slots=True)
class _Ratings:
    mean_score: float | None
    ratings: int


async def read_ratings(
    session: AsyncSession, facts: AnswerFacts, region: str, organisation_id: UUID
) -> AnswerFacts:
    """The facts with the organisation's last ratings."""
    found = await row(session, _Ratings, _RATINGS, region=region, organisation=organisation_id, limit=LAST)
    assert found is not None
    return replace(facts, mean_score=found.mean_score, ratings=found.ratings)
