"""The moderator's queue: appeals of channels and with flags that their region holds, and objections of citizens."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from chassis.bulk import BulkCall
from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction, Transactions
from chassis.idempotency import Idempotent
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.resources import resources_of
from chassis.security import allowed
from chassis.strict_routes import Router
from services.intake.field_types import RegionCode
from services.intake.moderation.actions.deciding import moderate_appeal
from services.intake.moderation.queries import list_waiting
from services.intake.moderation.schemas import (
    DecisionDone,
    DecisionItem,
    DecisionRefused,
    Decisions,
    DecisionsResult,
    Moderated,
    ModerationDecision,
    ModerationPage,
)

router = Router(prefix="/api/v1", tags=["moderation"])
Moderator = Annotated[Principal, allowed("coordinator")]


@router.get("/moderation")
async def list_moderation(
    principal: Moderator,
    session: Reading,
    request: Request,
    region: RegionCode | None = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> ModerationPage:
    """Appeals waiting for a moderator: objections first, then oldest first."""
    return await list_waiting(session, principal, resources_of(request).cursors, region, cursor, limit)


@router.post("/appeals/{appeal_id}/moderation")
async def moderate(
    principal: Moderator, session: Transaction, appeal_id: UUID, body: ModerationDecision
) -> Moderated:
    """Decide on one appeal."""
    return await moderate_appeal(session, principal, appeal_id, body, utc_now())


async def _decide(call: BulkCall[DecisionItem], number: int, item: DecisionItem) -> DecisionDone:
    decision = call.read(ModerationDecision, number, item)
    done = await call.once(
        number,
        {"id": str(item.id), **decision.model_dump(mode="json")},
        lambda session: moderate_appeal(session, call.principal, item.id, decision, utc_now()),
    )
    return DecisionDone(id=item.id, appeal=Moderated.model_validate_json(done))


@router.post("/moderation/decisions", response_model=DecisionsResult)
async def moderate_many(
    principal: Moderator, transactions: Transactions, idempotency: Idempotent, body: Decisions
) -> Response:
    """Decide on up to 500 appeals, each for itself. Repeated with the same key, it goes on where it was."""
    call = BulkCall(principal, transactions, idempotency, body)
    known = await call.begin()
    if known is not None:
        return known
    items = await call.each(lambda number, item: _decide(call, number, item), DecisionRefused.of)
    return await call.end(DecisionsResult(items=items))
