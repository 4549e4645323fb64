"""An appeal that no body of the system is competent for goes to one outside (59-ФЗ ст. 8 ч. 3)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from chassis.problems import NotAllowedNow
from chassis.security import Principal
from contracts.routing import AppealForwarded
from services.routing.assignments.actions.transitions import lock_appeal
from services.routing.assignments.actions.appeal_changes import Ended, cancel_open
from services.routing.assignments.schemas.acts import Forward, Forwarded


async def forward_appeal(
    session: AsyncSession, principal: Principal, appeal_id: UUID, body: Forward
) -> Forwarded:
    """End what is open here and say where the appeal went; 409 when nothing is open any more."""
    rows, at = await lock_appeal(session, principal, appeal_id)
    region = rows[0]["region"]
    end = Ended(region, appeal_id, "Направлено по компетенции.", at)
    cancelled = await cancel_open(session, rows, {(region, appeal_id): end})
    if not cancelled:
        raise NotAllowedNow("No assignment of this appeal is open.")
    await emit(
        session,
        AppealForwarded(
            region=region,
            appeal_id=appeal_id,
            addressee=body.addressee,
            reason=body.reason,
            forwarded_at=at,
        ),
    )
    return Forwarded(appeal_id=appeal_id, addressee=body.addressee, forwarded_at=at, cancelled=cancelled)
