"""Appeals of the last weeks that no topic of the region fits well."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.partitions import lowest_uuid7
from services.routing.assignments.rules.words import unpack_words
from services.routing.learning.rules.proposals import Misfit

MOST: Final = 20_000
ALL_BUT_SURE: Final = 0.9  # confidence, 0..1
_NEWEST = """
SELECT id, received_at, packed FROM routing.assignment
WHERE region = :region AND id >= :since AND role = 'lead' AND predecessor_id IS NULL AND packed IS NOT NULL
ORDER BY id DESC LIMIT :most
"""


@dataclass(frozen=True, slots=True)
class _Kept:
    id: UUID
    received_at: datetime
    packed: bytes


async def read_misfits(session: AsyncSession, region: str, since: datetime) -> list[Misfit]:
    """Those whose topic the model guessed and was not all but sure of, as far as they are stored: many a text of a topic that
    the region lacks resembles one that it has."""
    found = await rows(session, _Kept, _NEWEST, region=region, since=lowest_uuid7(since), most=MOST)
    return await asyncio.to_thread(_misfits_among, found)


def _misfits_among(found: Sequence[_Kept]) -> list[Misfit]:
    opened = [(each, unpack_words(each.packed)) for each in found]
    return [
        Misfit(assignment_id=str(each.id), text=words.text, came_at=each.received_at.timestamp())
        for each, words in opened
        if words.explanation.get("source") in ("model", "none")
        and (words.explanation.get("score") or 0.0) < ALL_BUT_SURE
    ]
