"""What the holding organisation does with its assignment: accept, ask, and ask for more days; how it answers see `answers`."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.outbox import emit
from contracts.routing import (
    AssignmentAccepted,
    ClarificationAsked,
    ExtensionRequested,
)
from services.routing.assignments.actions.locks import ActionRequest, lock_own
from services.routing.assignments.actions.transitions import transition
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import Clarify, Leased, RequestExtension
from services.routing.assignments.schemas.assignments import AssignmentView


async def accept_assignment(session: AsyncSession, request: ActionRequest, body: Leased) -> AssignmentView:
    """Take it to work; ends the lease."""
    locked = await lock_own(session, request, Action.ACCEPT, body.lease_token)
    (after,) = await transition(session, [locked], Action.ACCEPT)
    await emit(
        session,
        AssignmentAccepted(**after.event_keys(), organisation=locked.organisation, accepted_at=locked.at),
    )
    return after.show()


async def ask_citizen(session: AsyncSession, request: ActionRequest, body: Clarify) -> AssignmentView:
    """Ask the citizen something; the clock stands still until the citizen answers."""
    locked = await lock_own(session, request, Action.CLARIFY, body.lease_token)
    (after,) = await transition(session, [locked], Action.CLARIFY)
    await emit(
        session,
        ClarificationAsked(
            **after.event_keys(),
            organisation=locked.organisation,
            question=body.question,
            asked_at=locked.at,
        ),
    )
    return after.show()


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
