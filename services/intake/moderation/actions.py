"""A moderator's decision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.moments import not_before
from chassis.outbox import emit
from chassis.problems import NotAllowedNow, NotFound
from chassis.security import Principal
from contracts.intake import AppealModerated
from services.intake.history.actions import Happened, record_history
from services.intake.history.rules.projection import Entry
from services.intake.moderation.schemas import Decision, Moderated
from services.intake.originals.actions.official_words import mask_said


async def moderate_appeal(
    session: AsyncSession, principal: Principal, appeal_id: UUID, decision: Decision, now: datetime
) -> Moderated:
    """Accept, reject or hide an appeal that waits for it; deadlines were running all the time."""
    found = await session.execute(
        text(
            "SELECT region, status, received_at FROM intake.appeal WHERE region = ANY(:regions) AND id = :id FOR NO KEY UPDATE"
        ),
        {"regions": principal.regions_within(), "id": appeal_id},
    )
    row = found.mappings().first()
    if row is None:
        raise NotFound
    if row["status"] != "on_moderation":
        raise NotAllowedNow("The appeal is not waiting for moderation.")
    reason = await mask_said(session, row["region"], appeal_id, decision.reason)
    now = not_before(now, row["received_at"])
    event = AppealModerated(
        region=row["region"],
        appeal_id=appeal_id,
        decision=decision.decision,
        reason=reason,
        moderated_at=now,
    )
    data = {"decision": decision.decision, "reason": reason}
    entry = Entry(event.id, "moderated", now, 0, None, data)
    folded = await record_history(session, [Happened(row["region"], appeal_id, entry)])
    state = folded[row["region"], appeal_id].state
    await emit(session, event.model_copy(update={"sequence": state.version}))
    return Moderated(id=appeal_id, status=state.status, version=state.version)
