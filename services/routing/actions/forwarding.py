"""An appeal that no body of the system is competent for goes to one outside (59-ФЗ ст. 8 ч. 3)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.masking import mask_personal_data
from chassis.outbox import emit
from chassis.problems import NotAllowedNow
from chassis.security import Principal
from contracts.event import Event
from contracts.routing import AppealForwarded, AssignmentCancelled
from services.routing.actions.moves import NO_LEASE, Row, about, lock_appeal, write_many
from services.routing.rules.statuses import is_allowed
from services.routing.schemas.assignments import Forward, Forwarded


async def forward_appeal(
    session: AsyncSession, principal: Principal, appeal_id: UUID, body: Forward
) -> Forwarded:
    """End what is open here and say where the appeal went; 409 when nothing is open any more."""
    rows, at = await lock_appeal(session, principal, appeal_id)
    addressee, reason = mask_personal_data(body.addressee), mask_personal_data(body.reason)
    moves: list[tuple[Row, Row]] = [
        (row, {**row, **NO_LEASE, "status": "cancelled", "version": row["version"] + 1})
        for row in rows
        if is_allowed("cancel", row["status"])
    ]
    if not moves:
        raise NotAllowedNow("No assignment of this appeal is open.")
    told: list[Event] = [
        AppealForwarded(
            region=rows[0]["region"],
            appeal_id=appeal_id,
            addressee=addressee,
            reason=reason,
            forwarded_at=at,
        )
    ]
    told += [
        AssignmentCancelled(**about(after), reason=f"Направлено по компетенции: {addressee}", cancelled_at=at)
        for _, after in moves
    ]
    await write_many(session, moves, tuple(NO_LEASE))
    await emit(session, *told)
    return Forwarded(
        appeal_id=appeal_id,
        addressee=body.addressee,
        forwarded_at=at,
        cancelled=[after["id"] for _, after in moves],
    )
