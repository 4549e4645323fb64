"""What an organisation notes for itself: the number in its own system, and who works on it. Status and version stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import scalar
from chassis.outbox import emit
from chassis.principals import Principal
from chassis.problems import Unprocessable
from contracts.routing import AssignmentGivenToPerson
from contracts.territories import find_zone
from services.routing.assignments.actions.locks import (
    ActionRequest,
    LockedAssignment,
    lock_of_person,
    lock_own,
    lock_returning,
)
from services.routing.assignments.actions.transitions import NOT_RETURNING, Changes, note
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import GiveToPerson, HandOver, HandOverResult, OwnNumber
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.reference.queries.cache import own_region
from services.routing.tables.assignments import Assignment

_NOW = "SELECT clock_timestamp()"


async def set_external_ref(session: AsyncSession, request: ActionRequest, body: OwnNumber) -> AssignmentView:
    """Keep the number it has in the organisation's own system."""
    locked = await lock_own(session, request, Action.NOTE, body.lease_token)
    (after,) = await note(session, [locked], [{"external_ref": body.external_ref}])
    return after.show()


async def give_to_person(session: AsyncSession, request: ActionRequest, body: GiveToPerson) -> AssignmentView:
    """Give it to a person of the organisation, or take it off everybody; whoever it was to return to, it does not."""
    locked = await lock_own(session, request, Action.GIVE, body.lease_token)
    (after,) = await _give(session, [locked], [{"person": body.person, **NOT_RETURNING}])
    return after.show()


async def hand_over(session: AsyncSession, principal: Principal, body: HandOver) -> HandOverResult:
    """Give all open assignments of one person to another: for good, or until the end of the last day of an absence. What is only
    lent to that person still returns to whose it is, on the later of the days."""
    region = await own_region(session, principal)
    back: Changes = NOT_RETURNING
    if body.until is not None and region:
        back = {"returns_to": body.from_, "returns_at": await _end_of(session, region, body.until)}
    locked = await lock_of_person(session, region, principal.organisation, body.from_)
    given: list[Changes] = [
        {"person": body.to, **_return_of(each.assignment, body.to, back)} for each in locked
    ]
    await _give(session, locked, given)
    return HandOverResult(handed_over=len(locked))


def _return_of(before: Assignment, receiver: UUID, back: Changes) -> Changes:
    """Whom it returns to and when, given to another; `back`: where it is the giver's own."""
    if before.returns_to is None or before.returns_at is None:
        return back
    if before.returns_to == receiver:
        return NOT_RETURNING
    return {
        "returns_to": before.returns_to,
        "returns_at": max(before.returns_at, back["returns_at"] or before.returns_at),
    }


async def _end_of(session: AsyncSession, region: str, day: date) -> datetime:
    """When a day is over in the region; 422 for one that is over already."""
    zone = ZoneInfo(find_zone(region, None))
    end = datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)
    now = await scalar(session, datetime, _NOW)
    if now is None or end <= now:
        error = {"pointer": "/until", "message": "the last day of an absence must not be over"}
        raise Unprocessable("See errors.", errors=[error])
    return end


async def return_some(session: AsyncSession, limit: int) -> int:
    """Give back what was handed over for an absence that is over; how many there were."""
    locked = await lock_returning(session, limit)
    await _give(session, locked, [{"person": each.assignment.returns_to, **NOT_RETURNING} for each in locked])
    return len(locked)


async def _give(
    session: AsyncSession, locked: Sequence[LockedAssignment], changes: Sequence[Changes]
) -> list[LockedAssignment]:
    given = await note(session, locked, changes)
    announced = [
        AssignmentGivenToPerson(
            **before.event_keys(),
            organisation=before.organisation,
            given_to=after.assignment.person,
            taken_from=before.assignment.person,
            returns_at=after.assignment.returns_at,
            given_at=before.at,
        )
        for before, after in zip(locked, given, strict=True)
        if before.assignment.person != after.assignment.person
    ]
    await emit(session, *announced)
    return given
