"""Answered cases like an assignment: found by their rarest common words, ranked by all of them."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.principals import Principal
from contracts.routing import Outcome
from services.routing.answers.queries.templates import fitting_templates
from services.routing.answers.rules.alike import Weighed, case_words, total_of, weights_of
from services.routing.answers.rules.words import unpack_text
from services.routing.answers.schemas.similar import Similar, SimilarCase
from services.routing.assignments.queries.assignments import find_assignment
from services.routing.assignments.rules.words import text_of
from services.routing.reference.queries.cache import read_reference
from services.routing.tables.answers import CaseWords, WordCount

GOOD_SCORE: Final = 4
MOST_CANDIDATES: Final = 2_000
FURTHER: Final = 4  # as many times more are ranked than shown: poorly rated ones drop out
_COUNTS = "SELECT * FROM routing.word_count WHERE word = ANY(:words::int[])"
_CANDIDATES = """
SELECT * FROM routing.case_words WHERE words && :rare::int[] AND assignment_id <> :own LIMIT :limit
"""
# Whoever answered them: a function, since assignments and answers of other organisations are closed (ADR 18).
_CASES = f"""
SELECT assignment_id, answer, appeal_id, number, topic, packed, text, outcome, score
FROM routing.shared_cases(:region, :ids::uuid[])
WHERE score >= {GOOD_SCORE} OR (score IS NULL AND NOT coalesce(reopened, false))
"""


@dataclass(frozen=True, slots=True)
class _Case:
    assignment_id: UUID
    answer: bytes
    appeal_id: UUID
    number: str
    topic: str | None
    packed: bytes | None
    text: str | None
    outcome: Outcome
    score: int | None


async def find_similar(
    session: AsyncSession, principal: Principal, assignment_id: UUID, limit: int
) -> Similar:
    """Cases of the same region that were solved or explained well, the most similar first; 404 out of reach."""
    assignment = await find_assignment(session, principal, assignment_id)
    reference = await read_reference(session, assignment.region)
    ranked = await _rank(session, assignment.region, assignment.words().text, assignment_id, limit * FURTHER)
    return Similar(
        items=await _show(session, assignment.region, ranked, limit),
        templates=await fitting_templates(session, assignment, reference),
    )


async def _rank(session: AsyncSession, region: str, text: str, own: UUID, most: int) -> dict[UUID, float]:
    """Similarity by assignment, the highest first."""
    words = case_words(region, text)
    total = total_of(region)
    counted = await rows(session, WordCount, _COUNTS, words=[*words, total])
    counts = {each.word: each.cases for each in counted}
    known = [word for word in words if counts.get(word)]
    rare = _rarest(known, counts)
    if not rare:
        return {}
    found = await rows(session, CaseWords, _CANDIDATES, rare=rare, own=own, limit=MOST_CANDIDATES)
    weighed = Weighed(weights_of(known, counts, counts.get(total, 0)))
    scored = ((weighed.similarity(each.words), each.assignment_id) for each in found)
    return {id: similarity for similarity, id in heapq.nlargest(most, scored) if similarity > 0}


def _rarest(words: Sequence[int], counts: dict[int, int]) -> list[int]:
    """As many words as lead to no more cases than are looked at; the rarest one in any case."""
    rare: list[int] = []
    reached = 0
    for word in sorted(words, key=lambda word: (counts[word], word)):
        reached += counts[word]
        if rare and reached > MOST_CANDIDATES:
            break
        rare.append(word)
    return rare


async def _show(
    session: AsyncSession, region: str, ranked: dict[UUID, float], limit: int
) -> list[SimilarCase]:
    found = await rows(session, _Case, _CASES, region=region, ids=list(ranked))
    best = sorted(found, key=lambda case: (-ranked[case.assignment_id], case.assignment_id))[:limit]
    return [
        SimilarCase(
            appeal_id=case.appeal_id,
            number=case.number,
            topic=case.topic,
            text=text_of(case.packed, case.text),
            answer=unpack_text(case.answer),
            outcome=case.outcome,
            score=case.score,
            similarity=round(ranked[case.assignment_id], 3),
        )
        for case in best
    ]
