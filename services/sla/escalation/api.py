"""Escalations: who was notified of which breach."""

from __future__ import annotations

from dataclasses import astuple
from typing import Annotated

from fastapi import Request

from chassis.cursors import Cursor, Limit
from chassis.db import Reading
from chassis.principals import Principal
from chassis.resources import resources_of
from chassis.security import allowed
from chassis.strict_routes import Router
from services.sla.calendars.schemas import Region
from services.sla.escalation.queries import read_escalations
from services.sla.escalation.schemas import Escalations
from services.sla.scope import organisation_of

router = Router(prefix="/api/v1/escalations", tags=["deadlines"])


@router.get("")
async def list_escalations(
    principal: Annotated[Principal, allowed("agency", "coordinator", "analyst")],
    session: Reading,
    request: Request,
    region: Region | None = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Escalations:
    """Delta feed of breaches and escalations, oldest first; an agency sees its organisation's."""
    cursors = resources_of(request).cursors
    items, place = await read_escalations(
        session,
        principal.regions_within(region),
        organisation_of(principal, None),
        cursors.decode("escalations", cursor),
        limit,
    )
    return Escalations(items=items, next_cursor=cursors.encode("escalations", *astuple(place)))
