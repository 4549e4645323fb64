"""Appeals that a moderator had rejected and admits after all, because their applicant objected: they go on by a coordinator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_rows, rows
from chassis.moments import not_before
from chassis.outbox import emit
from contracts.intake import AppealModerated
from services.routing.assignments.actions.appeal_changes import REJECTED
from services.routing.assignments.actions.creation import (
    creation_event,
    insert_assignments,
    new_assignment,
    summary_of,
)
from services.routing.assignments.actions.locks import LockedAssignment, lock_appeals

_REASON: Final = "Возражение заявителя принято: обращение, отклонённое модератором, рассматривается."
# Those that ended by a rejection end no more; whoever was withdrawn stays withdrawn.
_READMIT: Final = """
UPDATE routing.routed_appeal r SET end_reason = NULL, ended_at = NULL
FROM json_to_recordset(:admitted::json) AS g(region text, appeal_id uuid, at timestamptz)
WHERE r.region = g.region AND r.appeal_id = g.appeal_id AND r.end_reason = :rejected AND r.ended_at <= g.at
RETURNING r.region, r.appeal_id
"""


@dataclass
class _Admitted:
    region: str
    appeal_id: UUID
    at: datetime


@dataclass(frozen=True, slots=True)
class _Readmitted:
    region: str
    appeal_id: UUID


async def readmit(session: AsyncSession, events: Sequence[AppealModerated]) -> None:
    """Every question that the rejection ended goes on in a new assignment, which a coordinator places.

    An appeal that no rejection ended is left alone, so that an event may come again.
    """
    admitted = {
        (event.region, event.appeal_id): _Admitted(event.region, event.appeal_id, event.moderated_at)
        for event in sorted(events, key=lambda event: event.moderated_at)
        if event.decision != "reject"
    }
    if not admitted:
        return
    given = [admitted[key] for key in sorted(admitted)]
    found = await rows(session, _Readmitted, _READMIT, admitted=encode_rows(given), rejected=REJECTED)
    keys = sorted((each.region, each.appeal_id) for each in found)
    for locked in await lock_appeals(session, keys) if keys else ():
        if locked.assignment.status == "cancelled" and locked.assignment.role == "lead":
            await _go_on(session, locked, admitted[locked.assignment.region, locked.assignment.appeal_id].at)


async def _go_on(session: AsyncSession, locked: LockedAssignment, at: datetime) -> None:
    """Not as a successor: what a citizen may expect counts from the registration, as if nothing had been rejected."""
    ended = locked.assignment
    again = new_assignment(
        summary_of(ended),
        organisation_id=None,
        role=ended.role,
        explanation=ended.words().explanation,
        created_at=not_before(at, ended.created_at),
        triage_reason=_REASON,
    )
    await insert_assignments(session, [again])
    await emit(session, creation_event(again, locked.region_reference, _REASON))
