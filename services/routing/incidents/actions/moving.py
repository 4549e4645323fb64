"""Assignments of an incident are given to who holds its lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.assignments.actions.locks import LockedAssignment, lock_assignments
from services.routing.assignments.actions.reassigning import Reassignment, reassign
from services.routing.assignments.rules.explanations import StoredExplanation
from services.routing.assignments.rules.statuses import Action, status_after
from services.routing.incidents.actions.gathering import question_of
from services.routing.incidents.actions.journal import next_number, note_joining
from services.routing.incidents.actions.locking import lock_incidents
from services.routing.incidents.actions.steps import Moved, keep_steps
from services.routing.incidents.queries.incidents import read_incident
from services.routing.incidents.queries.members import read_members_among
from services.routing.incidents.rules.leading import why_it_stays
from services.routing.tables.incidents import Incident

REASON: Final = "Об этом событии обратились многие: на все обращения отвечает один исполнитель."
_NOTE: Final = "Обращение относится к инциденту: на все его обращения отвечает один исполнитель."


@dataclass(frozen=True, slots=True)
class Moves:
    """What moved, and of each that did not why."""

    moved: Sequence[Moved]
    staying: Sequence[str]


async def give_to_lead(
    session: AsyncSession,
    locked: Sequence[LockedAssignment],
    lead: UUID,
    *,
    over_lease: bool = False,
    before: Mapping[UUID, LockedAssignment] = MappingProxyType({}),
) -> Moves:
    """Give the lead what others hold and what waits in triage, by corrections; a lease keeps it away unless `over_lease`.
    `before`: as the act found them; what the lead had then, it has as it was."""
    reasons = [
        why_it_stays(question_of(each), lead, each.region_reference, over_lease=over_lease) for each in locked
    ]
    moving = [each for each, reason in zip(locked, reasons, strict=True) if reason is None]
    after = await reassign(session, moving, [_to_lead(each, lead, before) for each in moving], REASON)
    moved = [Moved(*pair) for pair in zip(moving, after, strict=True)]
    return Moves(moved, [reason for reason in reasons if reason is not None])


def _to_lead(locked: LockedAssignment, lead: UUID, before: Mapping[UUID, LockedAssignment]) -> Reassignment:
    assignment = locked.assignment
    found = before.get(assignment.id)
    had_it = found is not None and found.assignment.organisation_id == lead
    corrected: StoredExplanation = {"source": "coordinator", "note": _NOTE}
    return Reassignment(
        organisation_id=lead,
        status=status_after(Action.CORRECT, assignment.status),
        explanation=assignment.words().explanation | corrected,
        back_to=found.assignment.version if found and had_it else None,
    )


async def move_to_lead(session: AsyncSession, incident: Incident, assignment_ids: Sequence[UUID]) -> int:
    """Appeals that have joined a confirmed incident go to its lead too; how many moved. In a transaction that holds no lock yet.

    What somebody has leased, or what cannot be corrected any more, stays where it is.
    """
    locked = await lock_assignments(session, [(incident.region, id) for id in assignment_ids])
    await lock_incidents(session, incident.region)
    now = await read_incident(session, incident.region, incident.id)
    if now is None or now.status != "confirmed" or now.organisation_id is None or not locked:
        return 0
    members = await read_members_among(session, now.region, now.id, assignment_ids)
    joined = {each.assignment_id for each in members}
    still = [each for each in locked if each.assignment.id in joined]
    moves = await give_to_lead(session, still, now.organisation_id)
    if moves.moved:
        number = await next_number(session, now.region)
        await note_joining(session, now, still[0].at, number)
        moved = {each.after.assignment.id for each in moves.moved}
        moving = [each for each in members if each.assignment_id in moved]
        await keep_steps(session, number, now, moving, moves.moved)
    return len(moves.moved)
