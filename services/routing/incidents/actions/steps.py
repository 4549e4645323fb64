"""What an act changes of single appeals is kept, so that it can be undone to the letter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, run
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.assignments.rules.explanations import StoredExplanation
from services.routing.incidents.queries.members import Member
from services.routing.tables.assignments import Assignment
from services.routing.tables.incident_acts import IncidentStep, incident_step
from services.routing.tables.incidents import Incident

# What a correction says of itself in an explanation, over what stood there.
_EXPLAINED: Final = ("source", "note")
_JOIN = """
UPDATE routing.incident_report SET incident_id = :incident, joined_by = 'person', similarity = NULL, kept_out = kept_out OR :alone
WHERE region = :region AND assignment_id = ANY(:ids::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """An assignment before and after it was given to the lead."""

    before: LockedAssignment
    after: LockedAssignment


async def join_by_hand(
    session: AsyncSession, incident: Incident, members: Sequence[Member], *, alone: bool = False
) -> None:
    """Appeals are in this incident now, because a person has put them there. `alone`: it was taken out of everything, no rule
    joins anything to it."""
    ids = [each.assignment_id for each in members]
    await run(session, _JOIN, region=incident.region, incident=incident.id, ids=ids, alone=alone)


async def keep_steps(
    session: AsyncSession,
    number: int,
    incident: Incident,
    members: Iterable[Member],
    moved: Iterable[Moved] = (),
) -> None:
    """What an act changed of appeals: how they were before, and that they are in this incident now; how the assignments that
    moved were before."""
    by_id = {each.before.assignment.id: each for each in moved}
    steps = [_step(number, incident, each, by_id.get(each.assignment_id)) for each in members]
    await insert_rows(session, incident_step, steps)


def _step(number: int, incident: Incident, member: Member, moved: Moved | None) -> IncidentStep:
    step = IncidentStep(
        region=incident.region,
        number=number,
        assignment_id=member.assignment_id,
        from_incident=member.incident_id,
        to_incident=incident.id,
        joined_by=member.joined_by,
        similarity=member.similarity,
        kept_out=member.kept_out,
        moved=False,
        organisation_id=None,
        status=None,
        accepted_at=None,
        external_ref=None,
        person=None,
        explained=None,
        version_before=None,
        version_after=None,
        taken_back=False,
    )
    return _with_move(step, moved.before.assignment, moved.after.assignment) if moved else step


def _with_move(step: IncidentStep, before: Assignment, after: Assignment) -> IncidentStep:
    words = before.words()
    kept = {name: value for name, value in words.explanation.items() if name in _EXPLAINED}
    return replace(
        step,
        moved=True,
        organisation_id=before.organisation_id,
        status=before.status,
        accepted_at=before.accepted_at,
        external_ref=before.external_ref,
        person=before.returns_to or before.person,  # whoever was away when it moved has it back
        explained={"kept": kept, "triage_reason": words.triage_reason},
        version_before=before.version,
        version_after=after.version,
    )


def explained_before(now: StoredExplanation, step: IncidentStep) -> tuple[StoredExplanation, str | None]:
    """An explanation, and the reason of triage, as they were before a step."""
    kept = step.explained or {}
    before: Any = {name: value for name, value in now.items() if name not in _EXPLAINED} | kept.get(
        "kept", {}
    )
    return before, kept.get("triage_reason")
