"""Marking an appeal as a case."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response

from chassis.db import Transaction
from chassis.idempotency import Idempotent
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from services.sla.cases.actions import mark_appeal as mark
from services.sla.cases.schemas import MarkBody
from services.sla.clocks.queries.deadlines import find_appeals, list_deadlines_of
from services.sla.clocks.schemas import Deadlines

router = Router(prefix="/api/v1", tags=["deadlines"])


@router.post("/appeals/{appeal_id}/deadlines/cases", response_model=Deadlines)
async def mark_appeal(
    principal: Annotated[Principal, allowed("agency", "coordinator")],
    session: Transaction,
    idempotency: Idempotent,
    appeal_id: UUID,
    body: MarkBody,
) -> Response:
    """Mark an appeal as a case with terms of its own (migration, special outcome, fast track …): its clocks follow."""

    async def act() -> Deadlines:
        await list_deadlines_of(session, principal, appeal_id)  # 404 for what is not theirs
        (key,) = await find_appeals(session, principal, [appeal_id])
        await mark(session, principal, key, body)
        return Deadlines(items=await list_deadlines_of(session, principal, appeal_id))

    return await idempotency.run(session, principal, body, act)
