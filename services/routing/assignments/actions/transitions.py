"""What every action ends with: new status and version, what else changes, and what the queues' followers see of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TypedDict
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, run, update_rows
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.assignments.rules.explanations import StoredExplanation
from services.routing.assignments.rules.leaving import LEFT_BY
from services.routing.assignments.rules.statuses import (
    ENDS_HERE,
    ENDS_REVIEW,
    KEEPS_LEASE,
    MOMENTS,
    Action,
    Change,
    Status,
    queue_changes,
    queue_of,
    status_after,
)
from services.routing.tables.answers import OPEN_REVIEW
from services.routing.tables.assignments import (
    Assignment,
    NewAssignment,
    NewQueueChange,
    assignment,
    queue_change,
)


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
    offered_at: datetime
    external_ref: str | None
    person: UUID | None
    returns_to: UUID | None
    returns_at: datetime | None
    reopened_answer_id: UUID
    due_at: None
    due_on: date | None
    due_packed: None
    due_reason: None
    lease_token: None
    lease_expires_at: None


_END_REVIEWS = f"""
UPDATE routing.answer_review AS w SET state = 'ended', decided_at = :at
FROM unnest(:regions::text[], :assignments::uuid[]) AS k(region, id)
WHERE w.region = k.region AND w.assignment_id = k.id AND w.{OPEN_REVIEW}
"""
NO_LEASE: Changes = {"lease_token": None, "lease_expires_at": None}
NOT_RETURNING: Changes = {"returns_to": None, "returns_at": None}
# What an organisation has noted is not for the next one.
_NO_NOTES: Changes = {"external_ref": None, "person": None, **NOT_RETURNING}


async def transition(
    session: AsyncSession,
    locked: Sequence[LockedAssignment],
    action: Action,
    changes: Sequence[Changes] = (),
    reasons: Sequence[str] = (),
) -> list[LockedAssignment]:
    """Carry out an action that is allowed for all of the locked assignments; how they are then.

    Takes two statements, however many there are, a third where it ends reviews. `changes`: what else changes, of each in the same order, the same columns
    for all. Whether an action ends the lease, and where its time is kept, stands in `rules.statuses`. `reasons`: Russian
    sentences, of each why it leaves its queue, where the action alone does not say it.
    """
    columns = [
        _changes_by(action, each) | more
        for each, more in zip(locked, changes or [Changes()] * len(locked), strict=True)
    ]
    moved = await _write(session, locked, columns, reasons or [LEFT_BY.get(action, "")] * len(locked))
    if action in ENDS_REVIEW:
        await _end_reviews(session, locked)
    return moved


async def _end_reviews(session: AsyncSession, locked: Sequence[LockedAssignment]) -> None:
    """Answers that waited, of those that were in review until now: else they would wait for ever, and be approved later."""
    waited = [each for each in locked if each.assignment.status == "in_review"]
    if waited:
        await run(
            session,
            _END_REVIEWS,
            regions=[each.assignment.region for each in waited],
            assignments=[each.assignment.id for each in waited],
            at=max(each.at for each in waited),
        )


async def note(
    session: AsyncSession, locked: Sequence[LockedAssignment], changes: Sequence[Changes]
) -> list[LockedAssignment]:
    """Write what an organisation notes for itself: neither status nor version change, its followers see it."""
    return await _write(session, locked, changes, [""] * len(locked))


async def mark_asked(session: AsyncSession, locked: LockedAssignment) -> None:
    """Something was asked for about it: nothing its followers see, but somebody works on it."""
    if not locked.assignment.is_asked_about:
        asked = {"region": locked.assignment.region, "id": locked.assignment.id, "is_asked_about": True}
        await update_rows(session, assignment, [asked], keys=("region", "id"))


async def _write(
    session: AsyncSession,
    locked: Sequence[LockedAssignment],
    changes: Sequence[Changes],
    reasons: Sequence[str],
) -> list[LockedAssignment]:
    moved: list[LockedAssignment] = []
    written: list[dict[str, object]] = []
    for each, columns in zip(locked, changes, strict=True):
        moved.append(replace(each, assignment=replace(each.assignment, **columns)))
        written.append({"region": each.assignment.region, "id": each.assignment.id, **columns})
    await update_rows(session, assignment, written, keys=("region", "id"))
    before_and_after = zip(locked, moved, strict=True)
    await record_queue_changes(session, [(b.assignment, a.assignment) for b, a in before_and_after], reasons)
    return moved


def _changes_by(action: Action, locked: LockedAssignment) -> Changes:
    before = locked.assignment
    changes: Changes = {
        "status": status_after(action, before.status),
        "version": before.version + 1,
    }
    if action not in KEEPS_LEASE:
        changes |= NO_LEASE
    if action is Action.CORRECT:
        changes |= _NO_NOTES
    if action in ENDS_HERE:
        changes |= NOT_RETURNING
    if action in MOMENTS:
        changes[MOMENTS[action]] = locked.at
    return changes


async def record_queue_changes(
    session: AsyncSession,
    moves: Sequence[tuple[NewAssignment | None, NewAssignment]],
    reasons: Sequence[str] = (),
) -> None:
    """Entries of the delta feeds for assignments before (None: a new one) and after, in one statement. `reasons`: why each
    leaves its queue, if it does."""
    entries = [
        _entry(queue, change, before, after, reason)
        for (before, after), reason in zip(moves, reasons or [""] * len(moves), strict=True)
        for queue, change in queue_changes(_queue_of(before), _queue_of(after))
    ]
    await insert_rows(session, queue_change, entries)


def _entry(
    queue: UUID, change: Change, before: NewAssignment | None, after: NewAssignment, reason: str
) -> NewQueueChange:
    """What left for another queue has been sent away, whatever it is there; it is known by the number it had here."""
    left = change == "left"
    status: Status = "redirected" if left and _queue_of(after) is not None else after.status
    known = before if left else after
    external_ref = known.external_ref if isinstance(known, Assignment) else None
    return NewQueueChange(
        queue,
        after.region,
        after.id,
        change,
        status,
        (reason or None) if left else None,
        external_ref,
        after.version,
    )


def _queue_of(assignment: NewAssignment | None) -> UUID | None:
    return queue_of(assignment.organisation_id, assignment.status) if assignment else None
