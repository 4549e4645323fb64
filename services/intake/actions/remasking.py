"""Officials' words written before they came sealed: masked once more, by what is known of the applicant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import update_rows
from chassis.driver import Row, fetch
from services.intake.actions.words import Key, read_applicants
from services.intake.models import appeal_history, original_access
from services.intake.rules.persons import Applicant, mask_words

AT_ONCE = 100
# Where the data of histories hold words.
FIELDS = frozenset(("reason", "comment", "text", "question", "addressee", "what", "triage_reason"))

_TAKE = """
DELETE FROM intake.words_to_mask w USING (
    SELECT region, appeal_id, id FROM intake.words_to_mask ORDER BY region, appeal_id, id LIMIT $1
    FOR UPDATE SKIP LOCKED) taken
WHERE (w.region, w.appeal_id, w.id) = (taken.region, taken.appeal_id, taken.id)
RETURNING w.region, w.appeal_id, w.id, w.is_access
"""
_ENTRIES = """
SELECT region, appeal_id, event_id, data::text AS data FROM intake.appeal_history
WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[]) AND event_id = ANY($3::uuid[])
"""
_ACCESSES = """
SELECT region, appeal_id, id, purpose FROM intake.original_access
WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[]) AND id = ANY($3::uuid[])
"""


async def mask_old_words(session: AsyncSession) -> int:
    """Mask some of what waits; how many there were. Where an original is missing, by what looks personal alone."""
    taken = await fetch(session, _TAKE, AT_ONCE)
    applicants = await read_applicants(session, {(row["region"], row["appeal_id"]) for row in taken})
    await _mask_entries(session, [row for row in taken if not row["is_access"]], applicants)
    await _mask_accesses(session, [row for row in taken if row["is_access"]], applicants)
    return len(taken)


async def _mask_entries(
    session: AsyncSession, taken: Sequence[Row], applicants: dict[Key, Applicant]
) -> None:
    rows = [
        {
            "region": row["region"],
            "appeal_id": row["appeal_id"],
            "event_id": row["event_id"],
            "data": mask_fields(orjson.loads(row["data"]), _applicant_of(row, applicants)),
        }
        for row in await fetch(session, _ENTRIES, *_keys(taken))
    ]
    await update_rows(session, appeal_history, rows, keys=("region", "appeal_id", "event_id"))


async def _mask_accesses(
    session: AsyncSession, taken: Sequence[Row], applicants: dict[Key, Applicant]
) -> None:
    rows = [
        {
            "region": row["region"],
            "appeal_id": row["appeal_id"],
            "id": row["id"],
            "purpose": mask_words(row["purpose"], _applicant_of(row, applicants)),
        }
        for row in await fetch(session, _ACCESSES, *_keys(taken))
    ]
    await update_rows(session, original_access, rows, keys=("region", "appeal_id", "id"))


def _keys(taken: Sequence[Row]) -> tuple[list[str], list[UUID], list[UUID]]:
    regions = sorted({row["region"] for row in taken})
    return regions, [row["appeal_id"] for row in taken], [row["id"] for row in taken]


def _applicant_of(row: Row, applicants: dict[Key, Applicant]) -> Applicant:
    return applicants.get((row["region"], row["appeal_id"])) or Applicant()


def mask_fields(data: Any, applicant: Applicant) -> Any:
    """JSON with the words in its fields masked, however deep they lie."""
    if isinstance(data, list):
        return [mask_fields(each, applicant) for each in data]
    if not isinstance(data, dict):
        return data
    return {
        name: mask_words(value, applicant)
        if name in FIELDS and isinstance(value, str)
        else mask_fields(value, applicant)
        for name, value in data.items()
    }
