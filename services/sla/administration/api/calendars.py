"""Calendars of regions and office hours of their organisations."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from chassis.db import Reading, Transaction
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.security import AdminOnly, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.sla.administration.actions import calendars as actions
from services.sla.administration.schemas.calendars import (
    CalendarBody,
    CalendarView,
    OfficeHoursBody,
    describe_calendar,
)
from services.sla.calendars.schemas import Region
from services.sla.policies.queries import read_region_config

router = Router(prefix="/api/v1/calendars", tags=["calendars"])


@router.get("/{region}")
async def show_calendar(
    principal: Annotated[Principal, allowed("agency", "coordinator", "analyst")],
    session: Reading,
    region: Region,
) -> CalendarView:
    """The calendar in force now: the national one under the region's own."""
    principal.require_region(region)
    return describe_calendar(await read_region_config(session, region), utc_now())


@router.put("/{region}")
async def change_calendar(
    principal: AdminOnly,
    session: Transaction,
    region: Region,
    expected_version: ExpectedVersion,
    body: CalendarBody,
) -> CalendarView:
    """Replace the region's own days and hours; running clocks are dated anew and say why."""
    principal.require_region(region)
    now = utc_now()
    decided = await actions.change_calendar(session, principal, region, expected_version, body, now)
    return describe_calendar(decided.config, now, settled=decided.settled)


@router.put("/{region}/organisations/{organisation_id}")
async def change_office_hours(
    principal: AdminOnly,
    session: Transaction,
    region: Region,
    organisation_id: UUID,
    expected_version: ExpectedVersion,
    body: OfficeHoursBody,
) -> CalendarView:
    """Hours of one organisation, as the next version of the region's calendar."""
    principal.require_region(region)
    decided = await actions.change_office_hours(
        session, principal, region, organisation_id, expected_version, body
    )
    return describe_calendar(decided.config, utc_now(), settled=decided.settled)
