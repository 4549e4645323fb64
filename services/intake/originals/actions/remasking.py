"""Officials' words written before they came sealed: masked once more, by what is known of the applicant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, update_rows
from services.intake.keys import AppealKey
from services.intake.masking.persons import Applicant, mask_words
from services.intake.originals.actions.official_words import read_applicants
from services.intake.tables import appeal_history, original_access
from services.intake.tables.histories import WordsToMask

AT_ONCE = 100
# Where the data of histories hold words.
FIELDS: Final = frozenset(("reason", "comment", "text", "question", "addressee", "what", "triage_reason"))

_TAKE = """
DELETE FROM intake.words_to_mask w USING (
    SELECT region, appeal_id, id FROM intake.words_to_mask ORDER BY region, appeal_id, id LIMIT :limit
    FOR UPDATE SKIP LOCKED) taken
WHERE (w.region, w.appeal_id, w.id) = (taken.region, taken.appeal_id, taken.id)
RETURNING w.region, w.appeal_id, w.id, w.is_access
"""
_WHICH = "region = ANY(:regions) AND appeal_id = ANY(:appeals)"
_ENTRIES = f"""
SELECT region, appeal_id, event_id, data FROM intake.appeal_history
WHERE {_WHICH} AND event_id = ANY(:ids) AND data IS NOT NULL
"""
_ACCESSES = (
    f"SELECT region, appeal_id, id, purpose FROM intake.original_access WHERE {_WHICH} AND id = ANY(:ids)"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    region: str
    appeal_id: UUID
    event_id: UUID
    data: Any

    def masked(self, applicant: Applicant) -> _Entry:
        return _Entry(self.region, self.appeal_id, self.event_id, mask_fields(self.data, applicant))


@dataclass(frozen=True, slots=True)
class _Access:
    region: str
    appeal_id: UUID
    id: UUID
    purpose: str

    def masked(self, applicant: Applicant) -> _Access:
        return _Access(self.region, self.appeal_id, self.id, mask_words(self.purpose, applicant))


async def mask_old_words(session: AsyncSession) -> int:
    """Mask some of what waits; how many there were. Where an original is missing, by what looks personal alone."""
    taken = await rows(session, WordsToMask, _TAKE, limit=AT_ONCE)
    applicants = await read_applicants(session, {AppealKey(each.region, each.appeal_id) for each in taken})
    entries = await rows(session, _Entry, _ENTRIES, **_named([each for each in taken if not each.is_access]))
    masked_entries = [entry.masked(_applicant_of(entry, applicants)) for entry in entries]
    await update_rows(session, appeal_history, masked_entries, keys=("region", "appeal_id", "event_id"))
    accesses = await rows(session, _Access, _ACCESSES, **_named([each for each in taken if each.is_access]))
    masked_accesses = [access.masked(_applicant_of(access, applicants)) for access in accesses]
    await update_rows(session, original_access, masked_accesses, keys=("region", "appeal_id", "id"))
    return len(taken)


def _named(taken: Sequence[WordsToMask]) -> dict[str, list[Any]]:
    return {
        "regions": sorted({each.region for each in taken}),
        "appeals": [each.appeal_id for each in taken],
        "ids": [each.id for each in taken],
    }


def _applicant_of(row: _Entry | _Access, applicants: Mapping[AppealKey, Applicant]) -> Applicant:
    return applicants.get(AppealKey(row.region, row.appeal_id), Applicant())


def mask_fields(data: Any, applicant: Applicant) -> Any:
    """JSON with the words in its fields masked, however deep they lie."""
    match data:
        case list():
            return [mask_fields(each, applicant) for each in data]
        case dict():
            return {name: _mask_field(name, value, applicant) for name, value in data.items()}
        case _:
            return data


def _mask_field(name: str, value: Any, applicant: Applicant) -> Any:
    if name in FIELDS and isinstance(value, str):
        return mask_words(value, applicant)
    return mask_fields(value, applicant)
