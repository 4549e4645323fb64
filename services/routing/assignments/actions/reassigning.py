"""Corrections of many assignments at once: a handful of statements, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from contracts.routing import AssignmentCorrected
from services.routing.assignments.actions.locks import LockedAssignment
from services.routing.assignments.actions.successions import hand_over
from services.routing.assignments.actions.transitions import Changes, transition
from services.routing.assignments.rules.explanations import StoredExplanation
from services.routing.assignments.rules.statuses import Action, Status
from services.routing.assignments.rules.words import pack_words
from services.routing.reference.rules.competence import is_within_level
from services.routing.tables.assignments import Assignment


@dataclass(frozen=True, slots=True)
class Reassignment:
    """What an assignment is after its correction. Without an organisation it is in triage, for `triage_reason`. `back_to`: the
    version that it goes back to."""

    organisation_id: UUID | None
    status: Status
    explanation: StoredExplanation
    triage_reason: str | None = None
    accepted_at: datetime | None = None
    external_ref: str | None = None
    person: UUID | None = None
    back_to: int | None = None


# Packing and sealing them takes a third of a millisecond each: whoever else is served comes between.
_AT_ONCE: Final = 50


async def reassign(
    session: AsyncSession, locked: Sequence[LockedAssignment], given: Sequence[Reassignment], reason: str
) -> list[LockedAssignment]:
    """Correct all of the locked assignments, which may be corrected; how they are then. `reason`: a Russian sentence for all."""
    moved: list[LockedAssignment] = []
    for start in range(0, len(locked), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        moved += await _reassign(session, locked[some], given[some], reason)
    return moved


async def _reassign(
    session: AsyncSession, locked: Sequence[LockedAssignment], given: Sequence[Reassignment], reason: str
) -> list[LockedAssignment]:
    changes = [_changes(each.assignment, to) for each, to in zip(locked, given, strict=True)]
    moved = await transition(session, locked, Action.CORRECT, changes)
    await hand_over(session, [each.assignment for each in moved])
    steps = zip(locked, moved, given, strict=True)
    await emit(session, *(_event(before, after, reason, to.back_to) for before, after, to in steps))
    return moved


def _changes(before: Assignment, given: Reassignment) -> Changes:
    words = replace(before.words(), explanation=given.explanation, triage_reason=given.triage_reason)
    return {
        "organisation_id": given.organisation_id,
        "status": given.status,
        "accepted_at": given.accepted_at,
        "external_ref": given.external_ref,
        "person": given.person,
        "packed": pack_words(words),
        "text": None,
        "address": None,
        "explanation": None,
        "triage_reason": None,
    }


def _event(
    before: LockedAssignment, after: LockedAssignment, reason: str, back_to: int | None
) -> AssignmentCorrected:
    reference = before.region_reference
    sender, receiver = before.assignment.organisation_id, after.assignment.organisation_id
    return AssignmentCorrected(
        **after.event_keys(),
        topic=reference.topic_name(after.assignment.topic),
        organisation=reference.organisation_name(receiver),
        previous_organisation_id=sender,
        reason=reason,
        corrected_at=before.at,
        back_to=back_to,
        within_level=sender is not None
        and receiver is not None
        and is_within_level(sender, receiver, reference.organisations),
    )
