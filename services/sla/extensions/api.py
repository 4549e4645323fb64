"""Extensions: the coordinator's list and decision."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.principals import Principal
from chassis.resources import resources_of
from chassis.security import allowed
from chassis.strict_routes import Router
from services.sla.calendars.schemas import Region
from services.sla.extensions.actions import decide_extension as decide
from services.sla.extensions.queries import Status
from services.sla.extensions.queries import list_extensions as find_extensions
from services.sla.extensions.schemas import DecisionBody, Extension, Extensions

router = Router(prefix="/api/v1/extensions", tags=["deadlines"])
Coordinator = Annotated[Principal, allowed("coordinator")]


@router.get("")
async def list_extensions(
    principal: Coordinator,
    session: Reading,
    request: Request,
    region: Region | None = None,
    status: Status | None = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Extensions:
    """Requests for more days, oldest first."""
    cursors = resources_of(request).cursors
    regions, after = principal.regions_within(region), cursors.decode("extensions", cursor)
    items, more = await find_extensions(session, regions, status, after, limit)
    return Extensions(items=items, next_cursor=cursors.encode("extensions", *more) if more else None)


@router.post("/{extension_id}/decision", response_model=Extension)
async def decide_extension(
    principal: Coordinator,
    session: Transaction,
    idempotency: Idempotent,
    extension_id: UUID,
    body: DecisionBody,
) -> Response:
    """Approve (the clock moves and the citizen is notified) or refuse; once."""

    async def act() -> Extension:
        return await decide(session, principal, extension_id, body.decision, body.reason)

    return await idempotency.run(session, principal, body, act)
