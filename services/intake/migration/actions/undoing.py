"""Imports as a whole: known by what came together, taken back together while nobody works on it.

Who works on an appeal is known best where the work is done: routing has the last word and removes appeal by appeal, under
the lock of its assignment. What is known here – ratings, moderation, opened originals – is asked beforehand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.outbox import emit
from chassis.problems import NotAllowedNow, NotFound, Problem
from chassis.security import Principal
from contracts.intake import AppealImported, ImportUndoAsked
from contracts.routing import AppealsRemoved, ImportUndoRefused
from services.intake.tables import imported_case, past_import, removed_appeal

SHOWN = 20
# What only people do. An acceptance or an answer may be of the other system: routing can tell them apart.
WORK = (
    "corrected", "redirected", "interim_answered", "reopened", "clarification_asked", "clarification_received", "clarified",
    "rated", "appeal_reopened", "extension_requested", "extension_decided", "documents_requested", "documents_received",
    "forwarded", "case_marked", "withdrawn", "moderated",
)  # fmt: skip
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
# Whose rows go with an appeal's. The register stays: a number that was given out is never given out again.
_OF_AN_APPEAL = (
    "appeal_text", "original", "appeal_history", "rating", "clarification", "original_access", "words_to_mask",
)  # fmt: skip


class ImportWorkedOn(Problem):
    status, slug, title = 409, "import-worked-on", "Somebody has worked on cases of this import"


async def keep_imports(
    session: AsyncSession, events: Sequence[AppealImported], keys: Mapping[UUID, str | None]
) -> None:
    """Note what came together; `keys`: appeal → the hash of its key, hexadecimal."""
    cases = [(event, key) for event in events if event.import_id and (key := keys.get(event.appeal_id))]
    rows = [
        {
            "import_id": event.import_id,
            "region": event.region,
            "appeal_id": event.appeal_id,
            "key_hash": bytes.fromhex(key),
        }
        for event, key in cases
    ]
    await insert_rows(session, imported_case, rows)
    counts = Counter((event.region, event.import_id) for event, _ in cases)
    first = {(event.region, event.import_id): event for event, _ in reversed(cases)}
    imports = [
        {
            "region": region,
            "id": import_id,
            "client_id": first[region, import_id].client_id,
            "began_at": first[region, import_id].taken_over.at,
            "cases": counts[region, import_id],
        }
        for region, import_id in sorted(counts, key=str)
    ]
    await insert_rows(
        session,
        past_import,
        imports,
        on_conflict="(region, id) DO UPDATE SET cases = past_import.cases + excluded.cases",
    )


async def ask_undo(session: AsyncSession, principal: Principal, import_id: UUID, now: datetime) -> None:
    """Begin to take an import back, in the regions within reach. Asked again it changes nothing.

    404 for an unknown one, 409 while it is still being taken over or when somebody has worked on it.
    """
    within = {"id": import_id, "regions": principal.regions_within()}
    found = await session.execute(
        text(
            "SELECT region, status FROM intake.past_import WHERE id = :id AND region = ANY(:regions) "
            "ORDER BY region FOR UPDATE"
        ),
        within,
    )
    status = {row.region: row.status for row in found}
    if not status:
        raise NotFound
    asked = [region for region, its in status.items() if its not in ("undoing", "undone")]
    if asked:
        await _require_untouched(session, import_id, asked)
        await session.execute(
            text(
                "UPDATE intake.past_import SET status = 'undoing', worked_on = 0, worked_on_numbers = '{}' "
                "WHERE id = :id AND region = ANY(:regions)"
            ),
            {"id": import_id, "regions": asked},
        )
        event = ImportUndoAsked(region=asked[0], import_id=import_id, regions=tuple(asked), asked_at=now)
        await emit(session, event)


async def _require_untouched(session: AsyncSession, import_id: UUID, regions: Sequence[str]) -> None:
    waiting = await session.scalar(
        text(
            "SELECT count(*) FROM intake.masking_pending "
            "WHERE past ->> 'import_id' = :id AND region = ANY(:regions) AND problem IS NULL"
        ),
        {"id": str(import_id), "regions": regions},
    )
    if waiting:
        raise NotAllowedNow(f"{waiting} cases of it are still being taken over; repeat in a moment.")
    found = await session.scalars(text(_WORKED_ON), {"id": import_id, "regions": regions, "work": list(WORK)})
    numbers = list(found)
    if numbers:
        shown = ", ".join(numbers[:SHOWN]) + (" …" if len(numbers) > SHOWN else "")
        raise ImportWorkedOn(f"{len(numbers)} cases: {shown}. Nothing was changed.")


async def note_refusals(session: AsyncSession, events: Sequence[ImportUndoRefused]) -> None:
    """Somebody works on it: nothing was removed, and it may be asked again."""
    for event in events:
        await session.execute(
            text(
                "UPDATE intake.past_import SET status = 'refused', worked_on = :worked_on, "
                "worked_on_numbers = CAST(:numbers AS text[]) "
                "WHERE id = :id AND region = ANY(:regions) AND status = 'undoing'"
            ),
            {
                "id": event.import_id,
                "regions": list(event.regions),
                "worked_on": event.worked_on,
                "numbers": list(event.numbers),
            },
        )


async def forget_appeals(session: AsyncSession, events: Sequence[AppealsRemoved]) -> None:
    """Remove what is known of appeals, and of their keys: they may be imported again."""
    for event in sorted(events, key=lambda event: (event.region, event.import_id, event.id)):
        about = {"import": event.import_id, "region": event.region}
        gone = await _strike(session, event, event.appeal_ids)
        kept = await _strike(session, event, event.kept)
        await _remove_rows(session, event.region, list(gone))
        await session.execute(
            text("DELETE FROM intake.submission_key WHERE key_hash = ANY(:keys)"),
            {"keys": sorted(gone.values())},
        )
        await session.execute(
            text(
                "UPDATE intake.past_import SET removed = removed + :gone, kept = kept + :kept, status = CASE WHEN EXISTS "
                "(SELECT FROM intake.imported_case c WHERE c.import_id = :import AND c.region = :region) "
                "THEN status ELSE 'undone' END WHERE id = :import AND region = :region"
            ),
            {**about, "gone": len(gone), "kept": len(kept)},
        )


async def _strike(session: AsyncSession, event: AppealsRemoved, ids: Sequence[UUID]) -> dict[UUID, bytes]:
    """Off the import's list; what had been on it, with the keys."""
    rows = await session.execute(
        text(
            "DELETE FROM intake.imported_case WHERE import_id = :import AND region = :region AND appeal_id = ANY(:ids) "
            "RETURNING appeal_id, key_hash"
        ),
        {"import": event.import_id, "region": event.region, "ids": list(ids)},
    )
    return {row.appeal_id: bytes(row.key_hash) for row in rows}


async def _remove_rows(session: AsyncSession, region: str, ids: Sequence[UUID]) -> None:
    if not ids:
        return
    of_them = {"region": region, "ids": sorted(ids)}
    await session.execute(
        text("SELECT FROM intake.appeal WHERE region = :region AND id = ANY(:ids) ORDER BY id FOR UPDATE"),
        of_them,
    )
    await session.execute(
        text(
            "DELETE FROM intake.appeal_holder h USING intake.appeal a WHERE a.region = :region AND a.id = ANY(:ids) "
            "AND h.region = a.region AND h.organisation_id = a.organisation_id AND h.appeal_id = a.id"
        ),
        of_them,
    )
    for table in _OF_AN_APPEAL:
        await session.execute(
            text(f"DELETE FROM intake.{table} WHERE region = :region AND appeal_id = ANY(:ids)"), of_them
        )
    await session.execute(
        text("DELETE FROM intake.appeal WHERE region = :region AND id = ANY(:ids)"), of_them
    )
    gone = [{"region": region, "appeal_id": appeal_id} for appeal_id in sorted(ids)]
    await insert_rows(session, removed_appeal, gone, on_conflict="DO NOTHING")
