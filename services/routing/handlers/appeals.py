"""Appeals were registered, taken over, reopened, clarified, withdrawn, rejected."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.intake import (
    AppealClarified,
    AppealImported,
    AppealModerated,
    AppealRegistered,
    AppealReopened,
    AppealWithdrawn,
)
from services.routing.actions.appeals import route_appeals
from services.routing.actions.imports import place_imported
from services.routing.actions.outcomes import (
    Ended,
    cancel_assignments,
    reopen_assignments,
    resume_clarified,
)
from services.routing.handlers.registry import handlers


@handlers.on(AppealRegistered)
async def route_registered_appeals(session: AsyncSession, events: Sequence[AppealRegistered]) -> None:
    """Classify, find the competent body, create assignments – also for appeals that wait for moderation."""
    await route_appeals(session, events)


@handlers.on(AppealImported)
async def place_imported_appeals(session: AsyncSession, events: Sequence[AppealImported]) -> None:
    """What another system answered is kept as answered, what it left open goes to its body or to triage."""
    await place_imported(session, events)


@handlers.on(AppealReopened)
async def reopen_after_rating(session: AsyncSession, events: Sequence[AppealReopened]) -> None:
    """The citizen was not satisfied: the assignment goes back to its body."""
    await reopen_assignments(session, events)


@handlers.on(AppealClarified)
async def resume_after_clarification(session: AsyncSession, events: Sequence[AppealClarified]) -> None:
    """The citizen answered a body's question."""
    await resume_clarified(session, events)


@handlers.on(AppealWithdrawn)
async def cancel_withdrawn(session: AsyncSession, events: Sequence[AppealWithdrawn]) -> None:
    """The citizen asked to stop (59-ФЗ ст. 5 п. 5)."""
    reason = "Заявитель отозвал обращение."
    await cancel_assignments(
        session, [Ended(event.region, event.appeal_id, reason, event.withdrawn_at) for event in events]
    )


@handlers.on(AppealModerated)
async def cancel_rejected(session: AsyncSession, events: Sequence[AppealModerated]) -> None:
    """A moderator refused the appeal; accepted and hidden ones go on."""
    rejected = [event for event in events if event.decision == "reject"]
    ended = [Ended(e.region, e.appeal_id, "Отклонено модератором.", e.moderated_at) for e in rejected]
    if ended:
        await cancel_assignments(session, ended)
