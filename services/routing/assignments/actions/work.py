"""What the holding organisation does with its assignment: accept, and ask for more days; how it answers see `answers`."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.outbox import emit
from contracts.routing import (
    AssignmentAccepted,
    ExtensionRequested,
)
from services.routing.assignments.actions.labels import record_redirect
from services.routing.assignments.actions.locks import ActionRequest, lock_own
from services.routing.assignments.actions.transitions import Changes, mark_asked, transition
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import (
    Accept,
    RequestExtension,
)
from services.routing.assignments.schemas.assignments import AssignmentView


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


async def request_extension(
    session: AsyncSession, request: ActionRequest, body: RequestExtension
) -> AssignmentView:
    """Ask for more days; the coordinator decides in the deadline service, the assignment stays as it is."""
    locked = await lock_own(session, request, Action.REQUEST_EXTENSION, body.lease_token)
    await mark_asked(session, locked)
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
