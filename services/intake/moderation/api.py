"""The moderator's queue, for channels whose region switched moderation on."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request

from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.resources import resources_of
from chassis.security import allowed
from chassis.strict_routes import Router
from services.intake.field_types import RegionCode
from services.intake.moderation.actions import moderate_appeal
from services.intake.moderation.queries import list_waiting
from services.intake.moderation.schemas import Decision, Moderated, ModerationPage

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
    """Appeals waiting for a moderator, oldest first."""
    return await list_waiting(session, principal, resources_of(request).cursors, region, cursor, limit)


@router.post("/appeals/{appeal_id}/moderation")
async def moderate(principal: Moderator, session: Transaction, appeal_id: UUID, body: Decision) -> Moderated:
    """Decide on one appeal."""
    return await moderate_appeal(session, principal, appeal_id, body, utc_now())
