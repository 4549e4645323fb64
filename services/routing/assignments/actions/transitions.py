"""What every action ends with: new status and version, what else changes, and what the queues' followers see of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, update_rows
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.assignments.rules.explanations import StoredExplanation
from services.routing.assignments.rules.statuses import (
    KEEPS_LEASE,
    MOMENTS,
    Action,
    Status,
    queue_changes,
    queue_of,
    status_after,
)
from services.routing.tables.assignments import NewAssignment, NewQueueChange, assignment, queue_change


class Changes(TypedDict, total=False):
    """Columns of an assignment that change with its status."""

    status: Status
    version: int
    topic: str | None
    organisation_id: UUID | None
    packed: bytes
    text: None
    address: None
    explanation: StoredExplanation | None
    triage_reason: None
    cycle: int
    accepted_at: datetime | None
    answered_at: datetime
    asked_at: datetime
    reopened_answer_id: UUID
    due_at: None
    due_on: date | None
    due_packed: None
    due_reason: None
    lease_token: None
    lease_expires_at: None


NO_LEASE: Changes = {"lease_token": None, "lease_expires_at": None}


async def transition(
    session: AsyncSession,
    locked: Sequence[LockedAssignment],
    action: Action,
    changes: Sequence[Changes] = (),
) -> list[LockedAssignment]:
    """Carry out an action that is allowed for all of the locked assignments; how they are then.

    Takes two statements, however many there are. `changes`: what else changes, of each in the same order, the same columns
    for all. Whether an action ends the lease, and where its time is kept, stands in `rules.statuses`.
    """
    moved: list[LockedAssignment] = []
    written: list[dict[str, object]] = []
    for each, more in zip(locked, changes or [Changes()] * len(locked), strict=True):
        columns = _changes_by(action, each) | more
        moved.append(replace(each, assignment=replace(each.assignment, **columns)))
        written.append({"region": each.assignment.region, "id": each.assignment.id, **columns})
    await update_rows(session, assignment, written, keys=("region", "id"))
    before_and_after = zip(locked, moved, strict=True)
    await record_queue_changes(session, [(b.assignment, a.assignment) for b, a in before_and_after])
    return moved


def _changes_by(action: Action, locked: LockedAssignment) -> Changes:
    before = locked.assignment
    changes: Changes = {
        "status": status_after(action, before.status),
        "version": before.version + 1,
    }
    if action not in KEEPS_LEASE:
        changes |= NO_LEASE
    if action in MOMENTS:
        changes[MOMENTS[action]] = locked.at
    return changes


async def record_queue_changes(
    session: AsyncSession, moves: Iterable[tuple[NewAssignment | None, NewAssignment]]
) -> None:
    """Entries of the delta feeds for assignments before (None: a new one) and after, in one statement."""
    entries = [
        NewQueueChange(queue, after.region, after.id, change)
        for before, after in moves
        for queue, change in queue_changes(_queue_of(before), _queue_of(after))
    ]
    await insert_rows(session, queue_change, entries)


def _queue_of(assignment: NewAssignment | None) -> UUID | None:
    return queue_of(assignment.organisation_id, assignment.status) if assignment else None
