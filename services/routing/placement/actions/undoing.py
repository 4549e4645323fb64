"""An import is taken back: nobody may have worked on its cases, then they go, a chunk in a transaction.

Decision and placing lock each other out by the import's id, so that no case slips in between; what comes after the
decision is not placed. A case that somebody takes to work between the decision and its removal stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, insert_rows, row, rows, run, update_rows
from chassis.outbox import emit
from contracts.intake import AppealImported, ImportUndoAsked
from contracts.routing import AppealsRemoved, ImportUndoRefused
from services.routing.assignments.actions.locks import LockedAssignment, lock_appeals
from services.routing.assignments.actions.transitions import record_queue_changes
from services.routing.assignments.rules.leaving import IMPORT_UNDONE
from services.routing.tables.appeals import UndoneImport, routed_appeal, undone_import

CHUNK = 500
SHOWN = 20
_LEASED = "(a.lease_token IS NOT NULL AND a.lease_expires_at > clock_timestamp())"
_NOTED = "(a.external_ref IS NOT NULL OR a.person IS NOT NULL OR a.is_asked_about)"
# A second assignment, another version than at birth, a lease that runs, a note, something asked for: a person was there.
_WORKED_ON = f"""
SELECT a.number FROM routing.routed_appeal r
JOIN routing.assignment a ON a.region = r.region AND a.appeal_id = r.appeal_id
WHERE r.region = ANY(:regions::text[]) AND r.import_id = :id
GROUP BY a.number
HAVING count(*) > 1 OR bool_or(a.version <> r.born_version) OR bool_or({_LEASED}) OR bool_or({_NOTED})
ORDER BY a.number
"""
_EXCLUSIVE = "SELECT pg_advisory_xact_lock(hashtextextended(:id::text, 0))"
_SHARED = "SELECT pg_advisory_xact_lock_shared(hashtextextended(:id::text, 0))"
_UNDONE = "SELECT * FROM routing.undone_import WHERE import_id = ANY(:ids::uuid[])"
_HERE = """
SELECT appeal_id FROM routing.routed_appeal
WHERE region = ANY(:regions::text[]) AND appeal_id = ANY(:ids::uuid[]) AND routed_at IS NOT NULL
"""
_NEXT = """
SELECT * FROM routing.undone_import WHERE pending ORDER BY region, import_id LIMIT 1 FOR UPDATE SKIP LOCKED
"""
_CASES = """
SELECT appeal_id, born_version FROM routing.routed_appeal WHERE region = :region AND import_id = :import
ORDER BY appeal_id LIMIT :limit FOR UPDATE
"""
_FINISH = "UPDATE routing.undone_import SET pending = false WHERE region = :region AND import_id = :import"
_REMOVE = (
    "DELETE FROM routing.case_words WHERE assignment_id = ANY(:assignments::uuid[])",
    *(
        f"DELETE FROM routing.{table} WHERE region = :region AND assignment_id = ANY(:assignments::uuid[])"
        for table in ("answered_case", "answer_verdict", "answer_band")
    ),
    "DELETE FROM routing.answer WHERE region = :region AND assignment_id = ANY(:assignments::uuid[])",
    "DELETE FROM routing.assignment WHERE region = :region AND id = ANY(:assignments::uuid[])",
    "DELETE FROM routing.routed_appeal WHERE region = :region AND appeal_id = ANY(:gone::uuid[])",
    "UPDATE routing.routed_appeal SET import_id = NULL WHERE region = :region AND appeal_id = ANY(:staying::uuid[])",
)


@dataclass(frozen=True, slots=True)
class _Birth:
    region: str
    appeal_id: UUID
    import_id: UUID
    born_version: int


@dataclass(frozen=True, slots=True)
class _Case:
    appeal_id: UUID
    born_version: int


async def record_births(
    session: AsyncSession, cases: Sequence[AppealImported], versions: Mapping[UUID, int]
) -> None:
    """With which import cases came, and which versions their assignments have."""
    births = [
        _Birth(event.region, event.appeal_id, event.import_id, versions[event.appeal_id])
        for event in cases
        if event.import_id is not None
    ]
    await update_rows(session, routed_appeal, births, keys=("region", "appeal_id"))


async def without_undone(session: AsyncSession, events: Sequence[AppealImported]) -> list[AppealImported]:
    """Those whose import stands; for the others it is announced that they are gone."""
    ids = sorted({event.import_id for event in events if event.import_id is not None})
    if not ids:
        return list(events)
    for import_id in ids:
        await run(session, _SHARED, id=str(import_id))
    undone = {(each.region, each.import_id) for each in await rows(session, UndoneImport, _UNDONE, ids=ids)}
    late = [event for event in events if (event.region, event.import_id) in undone]
    if late:
        await _announce_late(session, late)
    return [event for event in events if (event.region, event.import_id) not in undone]


async def _announce_late(session: AsyncSession, late: Sequence[AppealImported]) -> None:
    """Except for those that are here: they are being removed, or have stayed."""
    here = await column(
        session,
        UUID,
        _HERE,
        regions=sorted({event.region for event in late}),
        ids=sorted({event.appeal_id for event in late}),
    )
    gone: dict[tuple[str, UUID], set[UUID]] = defaultdict(set)
    for event in late:
        if event.import_id is not None and event.appeal_id not in here:
            gone[event.region, event.import_id].add(event.appeal_id)
    now = datetime.now(UTC)
    events = [
        AppealsRemoved(region=region, import_id=import_id, appeal_ids=tuple(sorted(ids)), removed_at=now)
        for (region, import_id), ids in sorted(gone.items())
    ]
    await emit(session, *events)


async def decide_undo(session: AsyncSession, events: Sequence[ImportUndoAsked]) -> None:
    """Refuse it when somebody works on a case; else it is decided, and the cases go one chunk after the other."""
    for event in sorted(events, key=lambda event: event.import_id):
        await run(session, _EXCLUSIVE, id=str(event.import_id))
        numbers = await column(session, str, _WORKED_ON, id=event.import_id, regions=list(event.regions))
        if numbers:
            await emit(session, _refusal(event, numbers))
        else:
            undone = [UndoneImport(region, event.import_id, pending=True) for region in event.regions]
            await insert_rows(session, undone_import, undone, on_conflict="DO NOTHING")


def _refusal(event: ImportUndoAsked, numbers: Sequence[str]) -> ImportUndoRefused:
    return ImportUndoRefused(
        region=event.region,
        import_id=event.import_id,
        regions=event.regions,
        worked_on=len(numbers),
        numbers=tuple(numbers[:SHOWN]),
        refused_at=datetime.now(UTC),
    )


async def remove_some(session: AsyncSession) -> bool:
    """Remove the next cases of an import that is being taken back; False when there is none."""
    undone = await row(session, UndoneImport, _NEXT)
    if undone is None:
        return False
    keys = {"region": undone.region, "import": undone.import_id}
    cases = await rows(session, _Case, _CASES, **keys, limit=CHUNK)
    if len(cases) < CHUNK:
        await run(session, _FINISH, **keys)
    if cases:
        await _remove(session, undone, {case.appeal_id: case.born_version for case in cases})
    return True


async def _remove(session: AsyncSession, undone: UndoneImport, versions: Mapping[UUID, int]) -> None:
    locked = await lock_appeals(session, [(undone.region, appeal_id) for appeal_id in versions])
    staying = _touched(locked, versions)
    leaving = [each.assignment for each in locked if each.assignment.appeal_id not in staying]
    gone = sorted(versions.keys() - staying)
    for statement in _REMOVE:
        await run(
            session,
            statement,
            region=undone.region,
            assignments=sorted(each.id for each in leaving),
            gone=gone,
            staying=sorted(staying),
        )
    moves = [(each, replace(each, status="cancelled")) for each in leaving]
    await record_queue_changes(session, moves, [IMPORT_UNDONE] * len(leaving))
    removed = AppealsRemoved(
        region=undone.region,
        import_id=undone.import_id,
        appeal_ids=tuple(gone),
        kept=tuple(sorted(staying)),
        removed_at=datetime.now(UTC),
    )
    await emit(session, removed)


def _touched(locked: Sequence[LockedAssignment], versions: Mapping[UUID, int]) -> set[UUID]:
    """Appeals that somebody has taken to work since it was decided."""
    assignments = Counter(each.assignment.appeal_id for each in locked)
    return {
        each.assignment.appeal_id
        for each in locked
        if assignments[each.assignment.appeal_id] > 1
        or each.assignment.version != versions[each.assignment.appeal_id]
        or each.assignment.is_leased(each.at)
        or each.assignment.is_noted
        or each.assignment.is_asked_about
    }
