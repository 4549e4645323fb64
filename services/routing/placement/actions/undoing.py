"""An import is taken back: nobody may have worked on its cases, then they go, a chunk in a transaction.

Decision and placing lock each other out by the import's id, so that no case slips in between; what comes after the
decision is not placed. A case that somebody takes to work between the decision and its removal stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, update_rows
from chassis.outbox import emit
from contracts.intake import AppealImported, ImportUndoAsked
from contracts.routing import AppealsRemoved, ImportUndoRefused
from services.routing.assignments.actions.transitions import Row, lock_of_appeals, tell_queues
from services.routing.tables import routed_appeal, undone_import

CHUNK = 500
SHOWN = 20
_LEASED = "(a.lease_token IS NOT NULL AND a.lease_expires_at > clock_timestamp())"
# A second assignment, another version than at birth, a lease that runs: a person was there.
_WORKED_ON = f"""
SELECT a.number FROM routing.routed_appeal r
JOIN routing.assignment a ON a.region = r.region AND a.appeal_id = r.appeal_id
WHERE r.region = ANY(:regions) AND r.import_id = :id
GROUP BY a.number
HAVING count(*) > 1 OR bool_or(a.version <> r.born_version) OR bool_or({_LEASED})
ORDER BY a.number
"""
_EXCLUSIVE = "SELECT pg_advisory_xact_lock(hashtextextended(:id, 0))"
_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended(:id, 0))"


async def note_births(session: AsyncSession, cases: Sequence[AppealImported], rows: Sequence[Row]) -> None:
    """With which import cases came, and which versions their assignments have."""
    versions = {row["appeal_id"]: row["version"] for row in rows}
    births = [
        {
            "region": event.region,
            "appeal_id": event.appeal_id,
            "import_id": event.import_id,
            "born_version": versions[event.appeal_id],
        }
        for event in cases
        if event.import_id is not None
    ]
    await update_rows(session, routed_appeal, births, keys=("region", "appeal_id"))


async def without_undone(session: AsyncSession, events: Sequence[AppealImported]) -> list[AppealImported]:
    """Those whose import stands; of the others everybody is told that they are gone."""
    ids = sorted({event.import_id for event in events if event.import_id is not None})
    if not ids:
        return list(events)
    for import_id in ids:
        await session.execute(text(_SHARED), {"id": str(import_id)})
    found = await session.execute(
        text("SELECT region, import_id FROM routing.undone_import WHERE import_id = ANY(:ids)"), {"ids": ids}
    )
    undone = {(row.region, row.import_id) for row in found}
    late = [event for event in events if (event.region, event.import_id) in undone]
    if late:
        await _tell_late(session, late)
    return [event for event in events if (event.region, event.import_id) not in undone]


async def _tell_late(session: AsyncSession, late: Sequence[AppealImported]) -> None:
    """Except for those that are here: they are being removed, or have stayed."""
    found = await session.scalars(
        text(
            "SELECT appeal_id FROM routing.routed_appeal WHERE region = ANY(:regions) AND appeal_id = ANY(:ids) "
            "AND routed_at IS NOT NULL"
        ),
        {
            "regions": sorted({event.region for event in late}),
            "ids": sorted({event.appeal_id for event in late}),
        },
    )
    here = set(found)
    gone: dict[tuple[str, UUID], set[UUID]] = {}
    for event in late:
        if event.import_id is not None and event.appeal_id not in here:
            gone.setdefault((event.region, event.import_id), set()).add(event.appeal_id)
    now = datetime.now(UTC)
    events = [
        AppealsRemoved(region=region, import_id=import_id, appeal_ids=tuple(sorted(ids)), removed_at=now)
        for (region, import_id), ids in sorted(gone.items())
    ]
    await emit(session, *events)


async def take_back_import(session: AsyncSession, events: Sequence[ImportUndoAsked]) -> None:
    """Refuse it when somebody works on a case; else it is decided, and the cases go one chunk after the other."""
    for event in sorted(events, key=lambda event: event.import_id):
        await session.execute(text(_EXCLUSIVE), {"id": str(event.import_id)})
        found = await session.scalars(
            text(_WORKED_ON), {"id": event.import_id, "regions": list(event.regions)}
        )
        numbers = list(found)
        if numbers:
            refusal = ImportUndoRefused(
                region=event.region,
                import_id=event.import_id,
                regions=event.regions,
                worked_on=len(numbers),
                numbers=tuple(numbers[:SHOWN]),
                refused_at=datetime.now(UTC),
            )
            await emit(session, refusal)
            continue
        rows = [{"region": region, "import_id": event.import_id, "pending": True} for region in event.regions]
        await insert_rows(session, undone_import, rows, on_conflict="DO NOTHING")


async def remove_some(session: AsyncSession) -> bool:
    """Remove the next cases of an import that is being taken back; False when there is none."""
    found = await session.execute(
        text(
            "SELECT region, import_id FROM routing.undone_import WHERE pending ORDER BY region, import_id LIMIT 1 "
            "FOR UPDATE SKIP LOCKED"
        )
    )
    undone = found.first()
    if undone is None:
        return False
    about = {"region": undone.region, "import": undone.import_id}
    listed = await session.execute(
        text(
            "SELECT appeal_id, born_version FROM routing.routed_appeal WHERE region = :region AND import_id = :import "
            "ORDER BY appeal_id LIMIT :limit FOR UPDATE"
        ),
        {**about, "limit": CHUNK},
    )
    versions: dict[UUID, int] = {row.appeal_id: row.born_version for row in listed}
    if len(versions) < CHUNK:
        await session.execute(
            text(
                "UPDATE routing.undone_import SET pending = false WHERE region = :region AND import_id = :import"
            ),
            about,
        )
    if versions:
        await _remove(session, undone.region, undone.import_id, versions)
    return True


async def _remove(session: AsyncSession, region: str, import_id: UUID, versions: dict[UUID, int]) -> None:
    rows = await lock_of_appeals(session, [(region, appeal_id) for appeal_id in versions])
    kept = _touched(rows, versions)
    gone = sorted(versions.keys() - kept)
    leaving = [row for row in rows if row["appeal_id"] not in kept]
    of_them: dict[str, Any] = {
        "region": region,
        "appeals": gone,
        "kept": sorted(kept),
        "assignments": sorted(row["id"] for row in leaving),
    }
    for statement in (
        "DELETE FROM routing.answer WHERE region = :region AND assignment_id = ANY(:assignments)",
        "DELETE FROM routing.assignment WHERE region = :region AND id = ANY(:assignments)",
        "DELETE FROM routing.routed_appeal WHERE region = :region AND appeal_id = ANY(:appeals)",
        "UPDATE routing.routed_appeal SET import_id = NULL WHERE region = :region AND appeal_id = ANY(:kept)",
    ):
        await session.execute(text(statement), of_them)
    await tell_queues(session, [(row, {**row, "status": "cancelled"}) for row in leaving])
    removed = AppealsRemoved(
        region=region,
        import_id=import_id,
        appeal_ids=tuple(gone),
        kept=tuple(sorted(kept)),
        removed_at=datetime.now(UTC),
    )
    await emit(session, removed)


def _touched(rows: Sequence[Row], versions: dict[UUID, int]) -> set[UUID]:
    """Appeals that somebody has taken to work since it was decided."""
    seen: set[UUID] = set()
    touched: set[UUID] = set()
    for row in rows:
        appeal_id = row["appeal_id"]
        leased = row["lease_token"] is not None and row["lease_expires_at"] > row["read_at"]
        if leased or row["version"] != versions[appeal_id] or appeal_id in seen:
            touched.add(appeal_id)
        seen.add(appeal_id)
    return touched
