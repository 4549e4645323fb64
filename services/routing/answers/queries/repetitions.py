"""Whether an organisation gives an answer that it gave to another appeal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, rows
from services.routing.answers.rules.alike import are_alike, bands_of
from services.routing.tables.assignments import ANSWER_WORDS, Answer

COMPARED: Final = timedelta(days=90)
CANDIDATES: Final = 8
# The newest that share a part of their hash; copies that incidents and works give leave none.
_CANDIDATES = """
SELECT DISTINCT answer_id FROM routing.answer_band
WHERE region = :region AND organisation_id = :organisation AND band = ANY(:bands::int[]) AND answer_id >= :since
    AND (:appeal::uuid IS NULL OR appeal_id <> :appeal::uuid)
ORDER BY answer_id DESC LIMIT :limit
"""
_ANSWERS = "SELECT * FROM routing.answer WHERE region = :region AND id = ANY(:ids::uuid[])"


def oldest_compared(now: datetime) -> UUID:
    """The least id of an answer that is still compared; ids (UUIDv7) begin with their milliseconds."""
    return UUID(int=int((now - COMPARED).timestamp() * 1000) << 80)


async def is_repeated(
    session: AsyncSession, region: str, organisation_id: UUID, appeal_id: UUID | None, text: str
) -> bool:
    """Whether one of its answers of the last 90 days to other appeals is alike, word by word."""
    bands = bands_of(text)
    found = await column(
        session,
        UUID,
        _CANDIDATES,
        region=region,
        organisation=organisation_id,
        bands=bands,
        since=oldest_compared(datetime.now(UTC)),
        appeal=appeal_id,
        limit=CANDIDATES,
    )
    if not found:
        return False
    stored = await rows(session, Answer, _ANSWERS, region=region, ids=list(found))
    return any(are_alike(text, ANSWER_WORDS.show(session, each)["text"] or "") for each in stored)
