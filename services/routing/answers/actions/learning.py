"""What is learned from answers that went out: how they were received, and the cases others may look at."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, rows, run, update_rows
from contracts.intake import AnswerMasked, AppealRated, AppealReopened
from services.routing.answers.queries.repetitions import oldest_compared
from services.routing.answers.rules.alike import case_words, keep_telling, total_of, weights_of
from services.routing.answers.rules.words import pack_text
from services.routing.assignments.rules.words import text_of
from services.routing.tables.answers import (
    AnsweredCase,
    CaseWords,
    WordCount,
    answered_case,
    word_count,
)
from services.routing.tables.answers import case_words as words_table

AT_ONCE: Final = 200
_RATED = """
INSERT INTO routing.answer_verdict (region, answer_id, assignment_id, organisation_id, answered_at, score, reopened)
SELECT w.region, w.id, w.assignment_id, w.organisation_id, w.answered_at, k.score, false
FROM unnest(:regions::text[], :answers::uuid[], :scores::int[]) AS k(region, id, score)
JOIN routing.answer w ON w.region = k.region AND w.id = k.id ORDER BY w.region, w.id
ON CONFLICT (region, answer_id) DO UPDATE SET score = excluded.score
"""
_REOPENED = """
INSERT INTO routing.answer_verdict (region, answer_id, assignment_id, organisation_id, answered_at, score, reopened)
SELECT w.region, w.id, w.assignment_id, w.organisation_id, w.answered_at, NULL, true
FROM unnest(:regions::text[], :answers::uuid[]) AS k(region, id)
JOIN routing.answer w ON w.region = k.region AND w.id = k.id ORDER BY w.region, w.id
ON CONFLICT (region, answer_id) DO UPDATE SET reopened = true
"""
_RENEW = """
(region, assignment_id) DO UPDATE SET answer_id = excluded.answer_id, packed = excluded.packed
WHERE answered_case.answer_id < excluded.answer_id
"""
_NEW = """
SELECT k.region, k.assignment_id, a.packed, a.text FROM routing.answered_case k
JOIN routing.assignment a ON a.region = k.region AND a.id = k.assignment_id
WHERE NOT k.indexed ORDER BY k.region, k.assignment_id LIMIT :limit FOR NO KEY UPDATE OF k SKIP LOCKED
"""
_COUNTS = "SELECT * FROM routing.word_count WHERE word = ANY(:words::int[])"
_PURGE = "DELETE FROM routing.answer_band WHERE answer_id < :oldest"


@dataclass(frozen=True, slots=True)
class _NewCase:
    region: str
    assignment_id: UUID
    packed: bytes | None
    text: str | None

    def question(self) -> str:
        """The appeal, masked."""
        return text_of(self.packed, self.text)


@dataclass(frozen=True, slots=True)
class _Indexed:
    region: str
    assignment_id: UUID
    indexed: bool = True


async def keep_ratings(session: AsyncSession, events: Sequence[AppealRated]) -> None:
    """The citizen's score of an answer, the last one."""
    last = {
        (event.region, event.answer_id): event for event in sorted(events, key=lambda each: each.rated_at)
    }
    await run(
        session,
        _RATED,
        regions=[region for region, _ in last],
        answers=[answer_id for _, answer_id in last],
        scores=[event.score for event in last.values()],
    )


async def keep_reopenings(session: AsyncSession, events: Sequence[AppealReopened]) -> None:
    """That an answer did not help."""
    answers = sorted({(event.region, event.answer_id) for event in events})
    await run(
        session,
        _REOPENED,
        regions=[region for region, _ in answers],
        answers=[answer_id for _, answer_id in answers],
    )


async def keep_cases(session: AsyncSession, events: Sequence[AnswerMasked]) -> None:
    """Answers that solved or explained something, for others to look at; the last one of an assignment."""
    last = {
        (event.region, event.assignment_id): event
        for event in sorted(events, key=lambda each: each.answer_id)
        if event.outcome in {"solved", "explained"}
    }
    cases = [
        AnsweredCase(region, assignment_id, event.answer_id, pack_text(event.text), indexed=False)
        for (region, assignment_id), event in sorted(last.items())
    ]
    await insert_rows(session, answered_case, cases, on_conflict=_RENEW)


async def index_some(session: AsyncSession) -> bool:
    """Make the words of the next cases findable; False when there are none."""
    new = await rows(session, _NewCase, _NEW, limit=AT_ONCE)
    if not new:
        return False
    words = await asyncio.to_thread(_words_of, new)
    counts = await _count(session, new, words)
    kept = [
        CaseWords(each.assignment_id, _telling(each.region, words[each.assignment_id], counts))
        for each in new
    ]
    await insert_rows(
        session, words_table, kept, on_conflict="(assignment_id) DO UPDATE SET words = excluded.words"
    )
    done = [_Indexed(each.region, each.assignment_id) for each in new]
    await update_rows(session, answered_case, done, keys=("region", "assignment_id"))
    return True


def _words_of(new: Sequence[_NewCase]) -> dict[UUID, list[int]]:
    return {each.assignment_id: case_words(each.region, each.question()) for each in new}


async def _count(
    session: AsyncSession, new: Sequence[_NewCase], words: Mapping[UUID, list[int]]
) -> dict[int, int]:
    """Count the words of new cases, and how many cases there are; the counts of these words then."""
    more: Counter[int] = Counter(word for own in words.values() for word in own)
    more.update(total_of(each.region) for each in new)
    added = [WordCount(word, cases) for word, cases in sorted(more.items())]
    await insert_rows(
        session,
        word_count,
        added,
        on_conflict="(word) DO UPDATE SET cases = word_count.cases + excluded.cases",
    )
    counted = await rows(session, WordCount, _COUNTS, words=sorted(more))
    return {each.word: each.cases for each in counted}


def _telling(region: str, words: Sequence[int], counts: Mapping[int, int]) -> list[int]:
    return keep_telling(weights_of(words, counts, counts.get(total_of(region), 0)))


async def purge_old_bands(session: AsyncSession) -> None:
    """Answers older than those that are compared."""
    await run(session, _PURGE, oldest=oldest_compared(datetime.now(UTC)))
