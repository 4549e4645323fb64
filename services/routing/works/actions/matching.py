"""What placing leaves behind for works: the assignments that a notice shall answer, at once or once a moderator has decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, run
from chassis.wake_ups import wake_after_commit
from contracts.intake import AppealModerated, AppealWithdrawn
from services.routing.tables.appeals import routed_appeal
from services.routing.tables.assignments import NewAssignment
from services.routing.tables.works import due_notice

WAKE_UP = "notices"
_ADMIT = """
(region, appeal_id) DO UPDATE SET admitted_at = excluded.admitted_at WHERE routed_appeal.admitted_at IS NULL
"""
_RELEASE = """
UPDATE routing.due_notice d SET held = false, due_at = now()
FROM unnest(:regions::text[], :appeals::uuid[]) AS k(region, appeal_id)
WHERE d.held AND d.region = k.region AND d.appeal_id = k.appeal_id
"""
_DROP = """
DELETE FROM routing.due_notice d USING unnest(:regions::text[], :appeals::uuid[]) AS k(region, appeal_id)
WHERE d.held AND d.region = k.region AND d.appeal_id = k.appeal_id
"""


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice that is due to an assignment; its time is that of its row."""

    region: str
    assignment_id: UUID
    appeal_id: UUID
    work_id: UUID
    received_at: datetime
    held: bool


@dataclass(frozen=True, slots=True)
class _Admitted:
    region: str
    appeal_id: UUID
    admitted_at: datetime
    routed_at: None = None


def notice_for(new: NewAssignment, work_id: UUID, *, held: bool) -> NewNotice | None:
    """What a work owes to an assignment; None where the appeal has ended before it came. `held`: a moderator has to see
    the appeal first."""
    if new.status != "new":
        return None
    return NewNotice(new.region, new.id, new.appeal_id, work_id, new.received_at, held)


async def record_notices(session: AsyncSession, notices: Sequence[NewNotice]) -> None:
    """With the assignments themselves, in one transaction."""
    ordered = sorted(notices, key=_key)
    if ordered:
        await insert_rows(session, due_notice, ordered)
        wake_after_commit(session, WAKE_UP)


def _key(notice: NewNotice) -> tuple[str, UUID]:
    return notice.region, notice.assignment_id


async def settle_moderated(session: AsyncSession, events: Sequence[AppealModerated]) -> None:
    """A moderator let appeals go on, in clear or hidden from others: their notices may go out. One whose registration comes
    later finds it noted. What is rejected gets no notice."""
    admitted = {(event.region, event.appeal_id): event for event in events if event.decision != "reject"}
    noted = [_Admitted(*key, event.moderated_at) for key, event in sorted(admitted.items())]
    await insert_rows(session, routed_appeal, noted, on_conflict=_ADMIT)
    if admitted and await run(session, _RELEASE, **_by_column(admitted)):
        wake_after_commit(session, WAKE_UP)
    rejected = {(event.region, event.appeal_id) for event in events if event.decision == "reject"}
    if rejected:
        await run(session, _DROP, **_by_column(rejected))


async def drop_withdrawn(session: AsyncSession, events: Sequence[AppealWithdrawn]) -> None:
    """Nobody decides any more on what the citizen has taken back."""
    await run(session, _DROP, **_by_column({(event.region, event.appeal_id) for event in events}))


def _by_column(keys: Collection[tuple[str, UUID]]) -> dict[str, object]:
    ordered = sorted(keys)
    return {"regions": [region for region, _ in ordered], "appeals": [appeal for _, appeal in ordered]}
