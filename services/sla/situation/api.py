"""Deadlines of a region at one glance, for who watches over them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import Request

from chassis.cursors import Cursor, Limit
from chassis.db import Reading
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.resources import resources_in
from chassis.security import allowed
from chassis.strict_routes import Router
from services.sla.calendars.schemas import Region
from services.sla.clocks.queries.deadlines import Filter, list_deadlines
from services.sla.clocks.queries.overview import count_open
from services.sla.clocks.schemas import Deadlines
from services.sla.extensions.queries import list_extensions
from services.sla.extensions.schemas import Extensions
from services.sla.policies.queries import read_region_config
from services.sla.resources import SlaResources
from services.sla.situation.schemas import DeadlineSituation

router = Router(prefix="/api/v1/deadlines", tags=["deadlines"])


@router.get("/situation")
async def show_situation(
    principal: Annotated[Principal, allowed("coordinator")],
    session: Reading,
    request: Request,
    region: Region,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> DeadlineSituation:
    """What of a region's deadlines needs a look: the overview, what is due soon, who asks for more days – what other operations
    answer one by one, in one answer. `limit` is of each list, `cursor` of what is due soon; the lists go on at `/deadlines` and
    `/extensions`, too."""
    principal.require_region(region)
    resources = resources_in(request.app, SlaResources)
    cursors = resources.cursors
    after = cursors.decode("deadlines", cursor)
    hours = (await read_region_config(session, region)).due_soon_hours
    soon = Filter([region], "running", utc_now() + timedelta(hours=hours), after=after)
    clocks, following = await list_deadlines(session, soon, limit)
    pending, more = await list_extensions(session, [region], "pending", None, limit)
    return DeadlineSituation(
        overview=await count_open(session, principal, region, hours, resources.open_clocks),
        due_soon=Deadlines(
            items=clocks, next_cursor=cursors.encode("deadlines", *following) if following else None
        ),
        extensions=Extensions(
            items=pending, next_cursor=cursors.encode("extensions", *more) if more else None
        ),
    )
