"""Imports as a whole: known by what came together, taken back together while nobody works on it.

Who works on an appeal is known best where the work is done: routing has the last word and removes appeal by appeal, under
the lock of its assignment. What is known here – ratings, moderation, opened originals – is asked beforehand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, insert_rows, rows, run, scalar
from chassis.outbox import emit
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound, Problem
from contracts.intake import AppealImported, ImportUndoAsked
from contracts.routing import AppealsRemoved, ImportUndoRefused
from services.intake.attachments.actions.erasing import erase_of_appeals
from services.intake.history.rules.kinds import WORK
from services.intake.migration.schemas import ImportStatus
from services.intake.tables import imported_case, past_import, removed_appeal
from services.intake.tables.imports import ImportedCase, NewPastImport, RemovedAppeal

SHOWN: Final = 20
_WORKED_ON = """
SELECT a.number FROM intake.imported_case c
JOIN intake.appeal a ON a.region = c.region AND a.id = c.appeal_id
WHERE c.import_id = :id AND c.region = ANY(:regions) AND (
    EXISTS (SELECT FROM intake.appeal_history h
        WHERE h.region = c.region AND h.appeal_id = c.appeal_id AND h.kind = ANY(:work))
    OR EXISTS (SELECT FROM intake.rating r WHERE r.region = c.region AND r.appeal_id = c.appeal_id)
    OR EXISTS (SELECT FROM intake.original_access o WHERE o.region = c.region AND o.appeal_id = c.appeal_id))
ORDER BY a.number
"""
_STILL_MASKING = """
SELECT count(*) FROM intake.masking_pending
WHERE past ->> 'import_id' = :id AND region = ANY(:regions) AND problem IS NULL
"""
_LOCK = """
SELECT region, status FROM intake.past_import WHERE id = :id AND region = ANY(:regions) ORDER BY region FOR UPDATE
"""
_BEGIN = """
UPDATE intake.past_import SET status = 'undoing', worked_on = 0, worked_on_numbers = '{}'
WHERE id = :id AND region = ANY(:regions)
"""
_REFUSE = """
UPDATE intake.past_import SET status = 'refused', worked_on = :worked_on, worked_on_numbers = :numbers
WHERE id = :id AND region = ANY(:regions) AND status = 'undoing'
"""
_STRIKE = """
DELETE FROM intake.imported_case WHERE import_id = :import_id AND region = :region AND appeal_id = ANY(:ids)
RETURNING appeal_id, key_hash
"""
_COUNT = """
UPDATE intake.past_import SET removed = removed + :gone, kept = kept + :kept, status = CASE WHEN EXISTS
    (SELECT FROM intake.imported_case c WHERE c.import_id = :import_id AND c.region = :region)
    THEN status ELSE 'undone' END WHERE id = :import_id AND region = :region
"""
# Rows that go with an appeal's. The register stays: a number that was given out is never given out again.
_PURGE: Final = (
    "SELECT FROM intake.appeal WHERE region = :region AND id = ANY(:ids) ORDER BY id FOR UPDATE",
    "DELETE FROM intake.appeal_holder h USING intake.appeal a WHERE a.region = :region AND a.id = ANY(:ids) "
    "AND h.region = a.region AND h.organisation_id = a.organisation_id AND h.appeal_id = a.id",
    *(
        f"DELETE FROM intake.{table} WHERE region = :region AND appeal_id = ANY(:ids)"
        for table in (
            "appeal_text",
            "original",
            "appeal_history",
            "rating",
            "clarification",
            "original_access",
            "words_to_mask",
            "public_update",
            "objection",
            "text_repeat",
        )
    ),
    "DELETE FROM intake.appeal WHERE region = :region AND id = ANY(:ids)",
)


class ImportWorkedOn(Problem):
    status, slug, title = 409, "import-worked-on", "Somebody has worked on cases of this import"


async def note_imports(
    session: AsyncSession, events: Sequence[AppealImported], keys: Mapping[UUID, str | None]
) -> None:
    """Note what came together; `keys`: appeal → the hash of its key, hexadecimal."""
    cases = [
        (event, ImportedCase(event.import_id, event.region, event.appeal_id, bytes.fromhex(key)))
        for event in events
        if event.import_id and (key := keys.get(event.appeal_id))
    ]
    await insert_rows(session, imported_case, [case for _, case in cases])
    counts = Counter((case.region, case.import_id) for _, case in cases)
    first = {(case.region, case.import_id): event for event, case in reversed(cases)}
    imports = [
        NewPastImport(region, import_id, event.client_id, event.taken_over.at, counts[region, import_id])
        for (region, import_id), event in sorted(first.items(), key=lambda item: str(item[0]))
    ]
    await insert_rows(
        session,
        past_import,
        imports,
        on_conflict="(region, id) DO UPDATE SET cases = past_import.cases + excluded.cases",
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What of an import lies in one region."""

    region: str
    status: ImportStatus


async def ask_undo(session: AsyncSession, principal: Principal, import_id: UUID, now: datetime) -> None:
    """Begin to take an import back, in the regions within reach. Asked again it changes nothing.

    404 for an unknown one, 409 while it is still being taken over or when somebody has worked on it.
    """
    parts = await rows(session, _Part, _LOCK, id=import_id, regions=principal.regions_within())
    if not parts:
        raise NotFound
    asked = [part.region for part in parts if part.status not in ("undoing", "undone")]
    if asked:
        await _require_untouched(session, import_id, asked)
        await run(session, _BEGIN, id=import_id, regions=asked)
        event = ImportUndoAsked(region=asked[0], import_id=import_id, regions=tuple(asked), asked_at=now)
        await emit(session, event)


async def _require_untouched(session: AsyncSession, import_id: UUID, regions: Sequence[str]) -> None:
    waiting = await scalar(session, int, _STILL_MASKING, id=str(import_id), regions=regions)
    if waiting:
        raise NotAllowedNow(
            "{waiting} cases of it are still being taken over; repeat in a moment.",
            values={"waiting": waiting},
        )
    numbers = await column(session, str, _WORKED_ON, id=import_id, regions=regions, work=WORK)
    if numbers:
        shown = ", ".join(numbers[:SHOWN]) + (" …" if len(numbers) > SHOWN else "")
        raise ImportWorkedOn(
            "{count} cases: {shown}. Nothing was changed.", values={"count": len(numbers), "shown": shown}
        )


async def note_refusals(session: AsyncSession, events: Sequence[ImportUndoRefused]) -> None:
    """Somebody works on it: nothing was removed, and it may be asked again. The import shows why."""
    for event in events:
        await run(
            session,
            _REFUSE,
            id=event.import_id,
            regions=event.regions,
            worked_on=event.worked_on,
            numbers=event.numbers,
        )


async def purge_appeals(session: AsyncSession, events: Sequence[AppealsRemoved]) -> None:
    """Remove what is known of appeals, and of their keys: they may be imported again."""
    for event in sorted(events, key=lambda event: (event.region, event.import_id, event.id)):
        gone = await _strike(session, event, event.appeal_ids)
        kept = await _strike(session, event, event.kept)
        await _purge_rows(session, event.region, sorted(case.appeal_id for case in gone))
        await run(
            session,
            "DELETE FROM intake.submission_key WHERE key_hash = ANY(:keys)",
            keys=sorted(case.key_hash for case in gone),
        )
        await run(
            session,
            _COUNT,
            import_id=event.import_id,
            region=event.region,
            gone=len(gone),
            kept=len(kept),
        )


@dataclass(frozen=True, slots=True)
class _Struck:
    appeal_id: UUID
    key_hash: bytes


async def _strike(session: AsyncSession, event: AppealsRemoved, ids: Sequence[UUID]) -> list[_Struck]:
    """Off the import's list; what had been on it."""
    return await rows(session, _Struck, _STRIKE, import_id=event.import_id, region=event.region, ids=ids)


async def _purge_rows(session: AsyncSession, region: str, ids: Sequence[UUID]) -> None:
    if not ids:
        return
    for statement in _PURGE:
        await run(session, statement, region=region, ids=ids)
    await erase_of_appeals(session, region, ids)
    removed = [RemovedAppeal(region, appeal_id) for appeal_id in ids]
    await insert_rows(session, removed_appeal, removed, on_conflict="DO NOTHING")
