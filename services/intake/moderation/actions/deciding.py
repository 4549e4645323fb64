"""A moderator's decision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, run, scalar
from chassis.moments import not_before
from chassis.outbox import emit
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound
from contracts.intake import AppealModerated
from services.intake.history.actions import record_events
from services.intake.history.rules.statuses import AppealStatus
from services.intake.keys import AppealKey
from services.intake.moderation.schemas import Moderated, ModerationDecision
from services.intake.originals.actions.official_words import mask_official_text

_LOCK = """
SELECT region, status, received_at FROM intake.appeal
WHERE region = ANY(:regions) AND id = :id FOR NO KEY UPDATE
"""
_OBJECTED = """
SELECT max(objected_at) FROM intake.objection WHERE region = :region AND appeal_id = :id AND decided_at IS NULL
"""
_SETTLE = """
UPDATE intake.objection SET decided_at = greatest(:now, objected_at) WHERE region = :region AND appeal_id = :id AND decided_at IS NULL
"""


@dataclass(frozen=True, slots=True)
class _Moderated:
    region: str
    status: AppealStatus
    received_at: datetime


async def moderate_appeal(
    session: AsyncSession, principal: Principal, appeal_id: UUID, decision: ModerationDecision, now: datetime
) -> Moderated:
    """Accept, reject or hide an appeal that waits for it, or whose applicant objects to the last decision; deadlines were
    running all the time."""
    appeal = await row(session, _Moderated, _LOCK, regions=principal.regions_within(), id=appeal_id)
    if appeal is None:
        raise NotFound
    key = AppealKey(appeal.region, appeal_id)
    now = not_before(now, appeal.received_at, await _settle_objection(session, key, appeal, now))
    event = AppealModerated(
        region=appeal.region,
        appeal_id=appeal_id,
        decision=decision.decision,
        reason=await mask_official_text(session, key, decision.reason),
        moderated_at=now,
        person=principal.person,
    )
    recorded = await record_events(session, [event])
    state = recorded.projections[key].state
    await emit(session, event.model_copy(update={"sequence": state.version}))
    return Moderated(id=appeal_id, status=state.status, version=state.version)


async def _settle_objection(
    session: AsyncSession, key: AppealKey, appeal: _Moderated, now: datetime
) -> datetime | None:
    """When the applicant objected, if that waits for a decision, which is taken now; 409 where nothing waits for one."""
    objected_at = await scalar(session, datetime, _OBJECTED, region=key.region, id=key.id)
    if appeal.status != "on_moderation" and (objected_at is None or appeal.status == "withdrawn"):
        raise NotAllowedNow("The appeal is not waiting for moderation.")
    if objected_at is not None:
        await settle_objections(session, key, now)
    return objected_at


async def settle_objections(session: AsyncSession, key: AppealKey, now: datetime) -> None:
    """Nobody has to decide on them any more: a moderator has decided anew, or the citizen has withdrawn the appeal."""
    await run(session, _SETTLE, region=key.region, id=key.id, now=now)
