"""Deadlines: preview, lists, punctuality."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response

from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.problems import Unprocessable
from chassis.resources import resources_of
from chassis.security import AnyRole, Principal, allowed
from chassis.strict_routes import Router
from chassis.times import Instant
from services.sla.actions.cases import mark_appeal as mark
from services.sla.api.scopes import organisation_of
from services.sla.models.catalogue import read_catalogue
from services.sla.queries.appeals import find_regions
from services.sla.queries.deadlines import (
    Filter,
    count_open,
    list_deadlines_of,
    measure_punctuality,
)
from services.sla.queries.deadlines import (
    list_deadlines as find_deadlines,
)
from services.sla.rules.calendars import open_calendar
from services.sla.rules.deadlines import Pause, compute
from services.sla.rules.terms import parse_term
from services.sla.schemas.deadlines import (
    Deadlines,
    MarkBody,
    Overview,
    Preview,
    PreviewBody,
    PunctualityTable,
)
from services.sla.schemas.types import ClockName, Region, StateName

router = Router(prefix="/api/v1", tags=["deadlines"])
Lister = Annotated[Principal, allowed("agency", "coordinator", "analyst")]
Measurer = Annotated[Principal, allowed("agency", "coordinator", "analyst", "federal")]


@router.post("/deadlines/preview")
async def preview_deadline(principal: AnyRole, body: PreviewBody) -> Preview:
    """Pure arithmetic with the national calendar for any region; nothing is stored."""
    try:
        result = compute(
            body.start,
            parse_term(body.term.as_data()),
            open_calendar(body.region, body.municipality),
            body.weekend_rule,
            [Pause(pause.since, pause.until) for pause in body.pauses],
        )
    except (ValueError, OverflowError) as error:
        raise Unprocessable(str(error)) from None
    assert result.due_at is not None
    assert result.due_on is not None
    return Preview(
        due_at=result.due_at, due_on=result.due_on, explanation=list(result.steps), certain=result.certain
    )


@router.get("/deadlines")
async def list_deadlines(
    principal: Lister,
    session: Reading,
    request: Request,
    region: Region | None = None,
    state: StateName | None = None,
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
    clock: ClockName = "answer",
    since: Annotated[Instant | None, Query(alias="from")] = None,
    until: Annotated[Instant | None, Query(alias="to")] = None,
    organisation: UUID | None = None,
) -> PunctualityTable:
    """Share of clocks kept per organisation, by due time; those with too few cases are not rated."""
    principal.require_region(region)
    own = organisation_of(principal, organisation)
    minimum = (await read_catalogue(session, region)).minimum_sample
    items = await measure_punctuality(session, region, clock, since, until, own, minimum)
    return PunctualityTable(region=region, clock=clock, minimum_sample=minimum, items=items)


@router.get("/deadlines/overview")
async def show_overview(
    principal: Annotated[Principal, allowed("coordinator", "analyst", "federal")],
    session: Reading,
    region: Region,
) -> Overview:
    """Open clocks by state, due soon, overdue by organisation."""
    principal.require_region(region)
    hours = (await read_catalogue(session, region)).due_soon_hours
    return await count_open(session, region, hours)


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
        ((region, _),) = await find_regions(session, principal, [appeal_id])
        await mark(session, principal, region, appeal_id, body)
        return Deadlines(items=await list_deadlines_of(session, principal, appeal_id))

    return await idempotency.run(session, principal, body, act)
