"""What the holding organisation does with its assignment: accept, answer, and ask for more days."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.attachments import require_none_attached
from chassis.db import insert_rows
from chassis.outbox import emit
from chassis.problems import Unprocessable
from contracts.routing import (
    AssignmentAccepted,
    AssignmentAnswered,
    AssignmentInterimAnswered,
    ExtensionRequested,
    Outcome,
)
from services.routing.assignments.actions.answers import seal_answer
from services.routing.assignments.actions.labels import record_redirect
from services.routing.assignments.actions.locks import ActionRequest, LockedAssignment, lock_own
from services.routing.assignments.actions.transitions import Changes, transition
from services.routing.assignments.rules.local_days import local_day
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import (
    Accept,
    Interim,
    NewAnswer,
    RequestExtension,
)
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.tables.assignments import answer


async def accept_assignment(session: AsyncSession, request: ActionRequest, body: Accept) -> AssignmentView:
    """Take it to work; ends the lease."""
    locked = await lock_own(session, request, Action.ACCEPT, body.lease_token)
    numbered: list[Changes] = [{"external_ref": body.external_ref}] if body.external_ref is not None else []
    (after,) = await transition(session, [locked], Action.ACCEPT, numbered)
    await record_redirect(session, locked)
    await emit(
        session,
        AssignmentAccepted(**after.event_keys(), organisation=locked.organisation, accepted_at=locked.at),
    )
    return after.show()


async def answer_interim(session: AsyncSession, request: ActionRequest, body: Interim) -> AssignmentView:
    """Give a plan; the question stays open."""
    require_none_attached(body.attachments)
    locked = await lock_own(session, request, Action.INTERIM, body.lease_token)
    _require_day_to_come(locked, body.promised_on, from_today=True)
    (after,) = await transition(session, [locked], Action.INTERIM)
    answer_id = await _store_answer(session, request, locked, body, outcome=None)
    await emit(
        session,
        AssignmentInterimAnswered(
            **after.event_keys(),
            answer_id=answer_id,
            organisation=locked.organisation,
            text=body.text,
            promised_on=body.promised_on,
            answered_at=locked.at,
        ),
    )
    return after.show()


async def answer_assignment(session: AsyncSession, request: ActionRequest, body: NewAnswer) -> AssignmentView:
    """Answer the question; with outcome `postponed` it stays watched until the promised day."""
    require_none_attached(body.attachments)
    action = Action.POSTPONE if body.outcome == "postponed" else Action.ANSWER
    locked = await lock_own(session, request, action, body.lease_token)
    if action is Action.POSTPONE:
        _require_day_to_come(locked, body.promised_on, from_today=False)
    (after,) = await transition(session, [locked], action)
    await record_redirect(session, locked)
    answer_id = await _store_answer(session, request, locked, body, outcome=body.outcome)
    await emit(
        session,
        AssignmentAnswered(
            **after.event_keys(),
            answer_id=answer_id,
            organisation=locked.organisation,
            outcome=body.outcome,
            text=body.text,
            promised_on=body.promised_on,
            cycle=locked.assignment.cycle,
            answered_at=locked.at,
        ),
    )
    return after.show()


def _require_day_to_come(locked: LockedAssignment, day: date | None, *, from_today: bool) -> None:
    today = local_day(locked.at, locked.assignment.region, locked.assignment.municipality)
    if day is not None and (day < today or (day == today and not from_today)):
        error = {"pointer": "/promised_on", "message": "the promised day must lie in the future"}
        raise Unprocessable("See errors.", errors=[error])


async def _store_answer(
    session: AsyncSession,
    request: ActionRequest,
    locked: LockedAssignment,
    body: Interim | NewAnswer,
    outcome: Outcome | None,
) -> UUID:
    answer_id: UUID = uuid7()
    sealed = seal_answer(
        session,
        locked.assignment,
        answer_id,
        body.text,
        outcome=outcome,
        promised_on=body.promised_on,
        cycle=locked.assignment.cycle,
        client_id=request.principal.client_id,
        answered_at=locked.at,
    )
    await insert_rows(session, answer, [sealed])
    return answer_id


async def request_extension(
    session: AsyncSession, request: ActionRequest, body: RequestExtension
) -> AssignmentView:
    """Ask for more days; the coordinator decides in the deadline service, the assignment stays as it is."""
    locked = await lock_own(session, request, Action.REQUEST_EXTENSION, body.lease_token)
    await emit(
        session,
        ExtensionRequested(
            **locked.event_keys(),
            extension_id=uuid7(),
            organisation=locked.organisation,
            days=body.days,
            reason=body.reason,
            requested_at=locked.at,
        ),
    )
    return locked.show()
