"""Officials' words written before they came sealed: masked once more, by what is known of the applicant."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import update_rows
from chassis.db.driver import Row, fetch
from services.intake.actions.words import Key, read_applicants
from services.intake.models.tables import appeal_history, original_access
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
_READ = """
SELECT region, appeal_id, {id}, {words}::text AS words FROM intake.{table}
WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[]) AND {id} = ANY($3::uuid[]) AND {words} IS NOT NULL
"""
Mask = Callable[[str, Applicant], Any]


async def mask_old_words(session: AsyncSession) -> int:
    """Mask some of what waits; how many there were. Where an original is missing, by what looks personal alone."""
    taken = await fetch(session, _TAKE, AT_ONCE)
    applicants = await read_applicants(session, {(row["region"], row["appeal_id"]) for row in taken})
    entries = [row for row in taken if not row["is_access"]]
    await _mask_rows(session, appeal_history, "event_id", "data", _mask_data, entries, applicants)
    accesses = [row for row in taken if row["is_access"]]
    await _mask_rows(session, original_access, "id", "purpose", mask_words, accesses, applicants)
    return len(taken)


async def _mask_rows(
    session: AsyncSession,
    table: Table,
    row_id: str,
    words: str,
    mask: Mask,
    taken: Sequence[Row],
    applicants: dict[Key, Applicant],
) -> None:
    """Mask one column of those of the taken rows that are still there. `row_id`, `words`: names of columns."""
    regions = sorted({row["region"] for row in taken})
    found = await fetch(
        session,
        _READ.format(table=table.name, id=row_id, words=words),
        regions,
        [row["appeal_id"] for row in taken],
        [row["id"] for row in taken],
    )
    keys = ("region", "appeal_id", row_id)
    rows = [
        {**{key: row[key] for key in keys}, words: mask(row["words"], _applicant_of(row, applicants))}
        for row in found
    ]
    await update_rows(session, table, rows, keys=keys)


def _applicant_of(row: Row, applicants: dict[Key, Applicant]) -> Applicant:
    return applicants.get((row["region"], row["appeal_id"])) or Applicant()


def _mask_data(data: str, applicant: Applicant) -> Any:
    return mask_fields(orjson.loads(data), applicant)


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
