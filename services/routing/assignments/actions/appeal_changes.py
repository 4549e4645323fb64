"""What citizens did to an appeal, carried over to its assignments; moderators' decisions stand in `moderating`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.moments import not_before
from chassis.outbox import emit
from contracts.event import Event
from contracts.intake import (
    AppealClarified,
    AppealImported,
    AppealModerated,
    AppealRegistered,
    AppealReopened,
    AppealWithdrawn,
)
from contracts.routing import AssignmentCancelled, AssignmentReopened, ClarificationReceived
from services.routing.assignments.actions.clarifications import record_replies
from services.routing.assignments.actions.locks import (
    AppealKey,
    LockedAssignment,
    hold_appeals,
    lock_answered,
    lock_appeals,
)
from services.routing.assignments.actions.transitions import Changes, record_queue_changes, transition
from services.routing.assignments.rules.moderation import REJECTED
from services.routing.assignments.rules.replies import join_texts
from services.routing.assignments.rules.statuses import OPEN, Action, is_allowed
from services.routing.tables.appeals import routed_appeal
from services.routing.tables.assignments import Assignment

OfAppeal = (
    AppealRegistered | AppealImported | AppealReopened | AppealClarified | AppealWithdrawn | AppealModerated
)
_NO_DEADLINE: Final[Changes] = {"due_at": None, "due_on": None, "due_packed": None, "due_reason": None}
# A rejection may be taken back, what the citizen asked for may not: it goes before.
_RECORD_END = f"""
(region, appeal_id) DO UPDATE SET end_reason = excluded.end_reason, ended_at = excluded.ended_at
WHERE routed_appeal.ended_at IS NULL OR routed_appeal.end_reason = '{REJECTED}'
"""
LOCK_ROW = "(region, appeal_id) DO UPDATE SET routed_at = routed_appeal.routed_at"


@dataclass(frozen=True, slots=True)
class AppealEnd:
    """An appeal that needs no answer any more."""

    region: str
    appeal_id: UUID
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Unrouted:
    """A row of an appeal whose registration is not known yet."""

    region: str
    appeal_id: UUID
    routed_at: None = None


@dataclass(frozen=True, slots=True)
class _Ended(Unrouted):
    """The same, of which the end is known already."""

    end_reason: str = ""
    ended_at: datetime | None = None


async def lock_batch(session: AsyncSession, events: Sequence[Event]) -> None:
    """The locks of a batch of several kinds of events, taken before each kind takes its own: appeals, then assignments,
    each in the order of their keys."""
    begun = _keys(event for event in events if isinstance(event, AppealRegistered | AppealImported))
    ended = _keys(event for event in events if isinstance(event, AppealWithdrawn | AppealModerated))
    if ended:
        # Rows that are not there yet cannot be locked, only made; whoever they are for fills them right after.
        unrouted = [Unrouted(region, appeal_id) for region, appeal_id in sorted(begun | ended)]
        await insert_rows(session, routed_appeal, unrouted, on_conflict=LOCK_ROW)
    changed = _keys(event for event in events if isinstance(event, AppealReopened | AppealClarified))
    if changed or ended:
        await hold_appeals(session, sorted(changed | ended))


def _keys(events: Iterable[OfAppeal]) -> set[AppealKey]:
    return {(event.region, event.appeal_id) for event in events}


async def reopen_assignments(session: AsyncSession, events: Sequence[AppealReopened]) -> None:
    """The citizen was not satisfied: an answered question is open again, once per answer; only the answer of the present
    cycle counts."""
    by_answer = {(event.region, event.answer_id): event for event in events}
    answered = [
        (locked, answer_id)
        for locked, answer_id in await lock_answered(session, by_answer)
        if is_allowed(Action.REOPEN, locked.assignment.status)
    ]
    reopened = await transition(
        session,
        [locked for locked, _ in answered],
        Action.REOPEN,
        [
            _NO_DEADLINE | {"cycle": locked.assignment.cycle + 1, "reopened_answer_id": answer_id}
            for locked, answer_id in answered
        ],
    )
    announced = [
        AssignmentReopened(
            **after.event_keys(),
            answer_id=answer_id,
            organisation=after.organisation,
            cycle=after.assignment.cycle,
            reopened_at=not_before(
                by_answer[after.assignment.region, answer_id].reopened_at, after.assignment.answered_at
            ),
        )
        for after, (_, answer_id) in zip(reopened, answered, strict=True)
    ]
    await emit(session, *announced)


async def resume_clarified(session: AsyncSession, events: Sequence[AppealClarified]) -> None:
    """The citizen answered: questions asked before that go on; what is said is read with them, also what comes after."""
    by_appeal: dict[AppealKey, list[AppealClarified]] = defaultdict(list)
    for event in sorted(events, key=lambda event: (event.clarified_at, event.text)):
        by_appeal[event.region, event.appeal_id].append(event)
    going_on = [
        each for each in await lock_appeals(session, sorted(by_appeal)) if each.assignment.status in OPEN
    ]
    replied = await record_replies(session, [each.assignment for each in going_on], by_appeal)
    answered = [
        (each, answers)
        for each in going_on
        if (answers := _answers_to(each.assignment, by_appeal[_appeal_of(each)]))
    ]
    resumed = await transition(session, [each for each, _ in answered], Action.CLARIFIED)
    have_resumed = {after.assignment.id for after in resumed}
    only_read = [each.assignment for each in going_on if each.assignment.id in replied - have_resumed]
    await record_queue_changes(session, [(each, each) for each in only_read])
    announced = [
        ClarificationReceived(
            **after.event_keys(),
            text=join_texts(answer.text for answer in answers),
            received_at=answers[0].clarified_at,
        )
        for after, (_, answers) in zip(resumed, answered, strict=True)
    ]
    await emit(session, *announced)


def _answers_to(assignment: Assignment, replies: Sequence[AppealClarified]) -> list[AppealClarified]:
    """What was said after its question, while the answer is waited for."""
    asked_at = assignment.asked_at
    if not is_allowed(Action.CLARIFIED, assignment.status) or asked_at is None:
        return []
    return [event for event in replies if asked_at <= event.clarified_at]


def _appeal_of(locked: LockedAssignment) -> AppealKey:
    return locked.assignment.region, locked.assignment.appeal_id


async def cancel_withdrawn(session: AsyncSession, events: Sequence[AppealWithdrawn]) -> None:
    """The citizen asked to stop (59-ФЗ ст. 5 п. 5)."""
    reason = "Заявитель отозвал обращение."
    ends = [AppealEnd(each.region, each.appeal_id, reason, each.withdrawn_at) for each in events]
    await _cancel(session, ends)


async def _cancel(session: AsyncSession, ends: Sequence[AppealEnd]) -> None:
    """End what is still open; an appeal whose registration is not known yet is remembered as ended."""
    by_appeal = {(end.region, end.appeal_id): end for end in ends}
    await insert_rows(
        session,
        routed_appeal,
        [
            _Ended(region, appeal_id, end_reason=end.reason, ended_at=end.at)
            for (region, appeal_id), end in sorted(by_appeal.items())
        ],
        on_conflict=_RECORD_END,
    )
    await cancel_open(session, await lock_appeals(session, sorted(by_appeal)), by_appeal)


async def cancel_open(
    session: AsyncSession, locked: Sequence[LockedAssignment], ends: Mapping[AppealKey, AppealEnd]
) -> list[UUID]:
    """Cancel those of the locked assignments that are open, each by the end of its appeal; their ids."""
    still_open = [each for each in locked if is_allowed(Action.CANCEL, each.assignment.status)]
    reasons = [ends[_appeal_of(each)].reason for each in still_open]
    cancelled = await transition(session, still_open, Action.CANCEL, reasons=reasons)
    announced = [
        AssignmentCancelled(
            **after.event_keys(),
            reason=ends[_appeal_of(after)].reason,
            cancelled_at=not_before(ends[_appeal_of(after)].at, after.assignment.created_at),
        )
        for after in cancelled
    ]
    await emit(session, *announced)
    return [after.assignment.id for after in cancelled]
