"""Reading and following appeals."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Request

from chassis.cursors import Cursor, Limit
from chassis.db import Reading
from chassis.principals import Principal
from chassis.resources import resources_in, resources_of
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.times import Day
from services.intake.appeals.queries import lists, reading
from services.intake.appeals.schemas import AppealChanges, AppealOutline, AppealPage, AppealView, History
from services.intake.field_types import Line, RegionCode
from services.intake.history.rules.statuses import AppealStatus
from services.intake.resources import IntakeResources

router = Router(prefix="/api/v1/appeals", tags=["appeals"])
Reader = Annotated[Principal, allowed("portal", "agency", "coordinator", "analyst")]


@router.get("")
async def list_appeals(
    principal: Reader,
    session: Reading,
    request: Request,
    region: RegionCode | None = None,
    status: AppealStatus | None = None,
    since: Annotated[
        Day | None, Query(alias="from", description="Local day of the region, inclusive.")
    ] = None,
    until: Annotated[Day | None, Query(alias="to", description="Local day of the region, exclusive.")] = None,
    q: Annotated[Line | None, Query(description="Words of the masked text, or a number.")] = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> AppealPage:
    """Appeals within reach, newest first."""
    resources = resources_in(request.app, IntakeResources)
    filters = lists.Filters(region, status, since, until, q)
    return await lists.list_appeals(
        session, principal, resources.secrets.keyring, resources.cursors, filters, cursor, limit
    )


@router.get("/changes")
async def follow_changes(
    principal: Annotated[Principal, allowed("portal", "coordinator")],
    session: Reading,
    request: Request,
    start: Annotated[
        Literal["now"] | None,
        Query(alias="from", description="Without a cursor: only what happens from now on."),
    ] = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> AppealChanges:
    """What changed in the client's own appeals since the cursor."""
    if start and not cursor:
        return await reading.follow_from_now(session, principal, resources_of(request).cursors)
    return await reading.follow_changes(session, principal, resources_of(request).cursors, cursor, limit)


@router.get("/{appeal_id}")
async def read_appeal(
    principal: Reader,
    session: Reading,
    request: Request,
    appeal_id: UUID,
    history: Annotated[
        bool, Query(description="With everything that happened, as `/history` has it, in the same answer.")
    ] = False,
) -> AppealView:
    """One appeal, masked, with its answers."""
    keyring = resources_in(request.app, IntakeResources).secrets.keyring
    return await reading.read_appeal(session, principal, keyring, appeal_id, with_history=history)


@router.get("/{appeal_id}/outline")
async def outline_appeal(
    principal: Annotated[Principal, allowed("coordinator", "analyst", "federal")],
    session: Reading,
    appeal_id: UUID,
) -> AppealOutline:
    """What became of one appeal, for who sees figures and no texts: topic, organisation, deadline, and all that happened, in order,
    without anybody's words."""
    return await reading.outline_appeal(session, principal, appeal_id)


@router.get("/{appeal_id}/history")
async def read_history(
    principal: Reader,
    session: Reading,
    request: Request,
    appeal_id: UUID,
    limit: Limit = 1000,
    cursor: Cursor = "",
) -> History:
    """Everything that happened, in order, with reasons."""
    cursors = resources_of(request).cursors
    return await reading.narrate_history(session, principal, cursors, appeal_id, cursor, limit)
