"""Deadlines: lists, overview, punctuality."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request

from chassis.cursors import Cursor, Limit
from chassis.db import Reading
from chassis.principals import Principal
from chassis.resources import resources_in, resources_of
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.times import Instant
from contracts.sla import ClockKind, ClockState
from services.sla.calendars.schemas import Region
from services.sla.clocks.queries.deadlines import Filter, list_deadlines_of
from services.sla.clocks.queries.deadlines import list_deadlines as find_deadlines
from services.sla.clocks.queries.overview import count_open
from services.sla.clocks.queries.punctuality import measure_punctuality
from services.sla.clocks.schemas import Deadlines, Overview, PunctualityTable
from services.sla.policies.queries import read_region_config
from services.sla.resources import SlaResources
from services.sla.scope import organisation_of

router = Router(prefix="/api/v1", tags=["deadlines"])
Lister = Annotated[Principal, allowed("agency", "coordinator", "analyst")]
Measurer = Annotated[Principal, allowed("agency", "coordinator", "analyst", "federal")]


@router.get("/deadlines")
async def list_deadlines(
    principal: Lister,
    session: Reading,
    request: Request,
    region: Region | None = None,
    state: ClockState | None = None,
    due_before: Annotated[Instant | None, Query()] = None,
    organisation: UUID | None = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> Deadlines:
    """Clocks by due time; an agency sees its organisation's."""
    cursors = resources_of(request).cursors
    wanted = Filter(
        regions=principal.regions_within(region),
        state=state,
        due_before=due_before,
        organisation=organisation_of(principal, organisation),
        after=cursors.decode("deadlines", cursor),
    )
    items, after = await find_deadlines(session, wanted, limit)
    return Deadlines(items=items, next_cursor=cursors.encode("deadlines", *after) if after else None)


@router.get("/deadlines/punctuality")
async def show_punctuality(
    principal: Measurer,
    session: Reading,
    region: Region,
    clock: ClockKind = "answer",
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
    organisation: UUID | None = None,
) -> PunctualityTable:
    """Share of clocks kept per organisation, by due time; those with too few cases are not rated."""
    principal.require_region(region)
    own = organisation_of(principal, organisation)
    minimum = (await read_region_config(session, region)).minimum_sample
    items = await measure_punctuality(session, region, clock, since, until, own, minimum)
    return PunctualityTable(region=region, clock=clock, minimum_sample=minimum, items=items)


@router.get("/deadlines/overview")
async def show_overview(
    principal: Annotated[Principal, allowed("coordinator", "analyst", "federal")],
    session: Reading,
    request: Request,
    region: Region,
) -> Overview:
    """Open clocks by state, due soon, overdue by organisation; how many requests for more days wait. Of more than 20,000 open clocks
    those that run or are paused are counted every ten seconds."""
    principal.require_region(region)
    hours = (await read_region_config(session, region)).due_soon_hours
    kept = resources_in(request.app, SlaResources).open_clocks
    return await count_open(session, principal, region, hours, kept)


@router.get("/appeals/{appeal_id}/deadlines")
async def list_appeal_deadlines(
    principal: Annotated[Principal, allowed("portal", "agency", "coordinator", "analyst")],
    session: Reading,
    request: Request,
    appeal_id: UUID,
    limit: Limit = 1000,
    cursor: Cursor = "",
) -> Deadlines:
    """All clocks of one appeal; the lead's answer clock governs it."""
    found = await list_deadlines_of(session, principal, appeal_id)
    cursors = resources_of(request).cursors
    items, following = cursors.cut(
        f"deadlines of {appeal_id}",
        found,
        lambda each: f"{each.clock} {each.assignment_id} {each.cycle}",
        cursor,
        limit,
    )
    return Deadlines(items=list(items), next_cursor=following)
