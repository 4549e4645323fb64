"""Assignments that moved to a lead go back to who had them, unless somebody has worked on them since."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import run
from chassis.outbox import emit
from contracts.routing import AssignmentAccepted
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.assignments.actions.reassigning import Reassignment, reassign
from services.routing.assignments.actions.transitions import Changes, transition
from services.routing.assignments.rules.statuses import CLAIMABLE, Action, Status
from services.routing.incidents.actions.steps import explained_before
from services.routing.incidents.rules.taking_back import given_back_to
from services.routing.tables.incident_acts import IncidentStep

REASON: Final = "Обращение больше не относится к общему событию: вопрос возвращён прежнему исполнителю."
# A step before knows the assignment by the version it left it in; that is the one it has now.
_KNOW_AGAIN = """
UPDATE routing.incident_step s SET version_after = k.now
FROM unnest(:ids::uuid[], :befores::int[], :nows::int[]) AS k(assignment_id, before, now)
WHERE s.region = :region AND s.assignment_id = k.assignment_id AND s.version_after = k.before AND NOT s.taken_back
"""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """All assignments as they are now, those that went back, and of the others that had moved why they did not."""

    locked: Mapping[UUID, LockedAssignment]
    moved: Sequence[LockedAssignment]
    staying: Sequence[str]


async def give_back(
    session: AsyncSession,
    locked: Mapping[UUID, LockedAssignment],
    taken: Mapping[UUID, Sequence[IncidentStep]],
) -> GivenBack:
    """`taken`: of each assignment the steps that were taken back, the newest first."""
    going: list[tuple[LockedAssignment, IncidentStep]] = []
    staying: list[str] = []
    for id, steps in taken.items():
        each = locked.get(id)
        if not any(step.moved for step in steps):
            continue
        back = given_back_to(steps, each.assignment.version) if each else None
        if each is None or each.assignment.is_leased(each.at):
            staying.append("leased")
        elif back is None or each.assignment.is_noted:
            staying.append("worked_on")
        else:
            going.append((each, back))
    moved = await _return(session, going)
    return GivenBack({**locked, **{each.assignment.id: each for each in moved}}, moved, staying)


async def _return(
    session: AsyncSession, going: Sequence[tuple[LockedAssignment, IncidentStep]]
) -> list[LockedAssignment]:
    if not going:
        return []
    locked, steps = [each for each, _ in going], [step for _, step in going]
    moved = await reassign(session, locked, [_as_before(*each) for each in going], REASON)
    moved = await _accept_again(session, moved, steps)
    await run(
        session,
        _KNOW_AGAIN,
        region=steps[0].region,
        ids=[step.assignment_id for step in steps],
        befores=[step.version_before for step in steps],
        nows=[each.assignment.version for each in moved],
    )
    return moved


def _as_before(locked: LockedAssignment, step: IncidentStep) -> Reassignment:
    explanation, triage_reason = explained_before(locked.assignment.words().explanation, step)
    return Reassignment(
        organisation_id=step.organisation_id,
        status=_offered(step),
        explanation=explanation,
        triage_reason=triage_reason,
        external_ref=step.external_ref,
        person=step.person,
        back_to=step.version_before,
    )


def _offered(step: IncidentStep) -> Status:
    """What it was, or `new` where somebody had begun to work on it, which is the next step."""
    assert step.status is not None
    return step.status if step.status in CLAIMABLE or step.status == "triage" else "new"


async def _accept_again(
    session: AsyncSession, moved: Sequence[LockedAssignment], steps: Sequence[IncidentStep]
) -> list[LockedAssignment]:
    """What its organisation had taken to work is in work again, since when it was."""
    begun = [
        (each, step)
        for each, step in zip(moved, steps, strict=True)
        if step.status in {"accepted", "interim"}
    ]
    changes = [Changes(status=step.status, accepted_at=step.accepted_at) for _, step in begun if step.status]
    accepted = await transition(session, [each for each, _ in begun], Action.ACCEPT, changes)
    await emit(
        session,
        *(
            AssignmentAccepted(**each.event_keys(), organisation=each.organisation, accepted_at=each.at)
            for each in accepted
        ),
    )
    now = {each.assignment.id: each for each in accepted}
    return [now.get(each.assignment.id, each) for each in moved]
