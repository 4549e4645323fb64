"""Calendars of regions and office hours of their bodies."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from chassis.app import utc_now
from chassis.db import Reading, Transaction
from chassis.security import AdminOnly, Principal, allowed
from chassis.versions import SeenVersion
from services.sla.actions import calendars as actions
from services.sla.models.catalogue import read_catalogue
from services.sla.rules.catalogues import Catalogue
from services.sla.rules.clocks import Place
from services.sla.rules.overlays import dump_calendar
from services.sla.schemas.calendars import CalendarBody, CalendarView, OfficeHoursBody, OwnHours
from services.sla.schemas.types import Region

router = APIRouter(prefix="/api/v1/calendars", tags=["calendars"])


@router.get("/{region}")
async def show_calendar(
    principal: Annotated[Principal, allowed("agency", "coordinator", "analyst")],
    session: Reading,
    region: Region,
) -> CalendarView:
    """The calendar in force now: the national one under the region's own."""
    principal.require_region(region)
    return _show(await read_catalogue(session, region))


@router.put("/{region}")
async def change_calendar(
    principal: AdminOnly, session: Transaction, region: Region, seen: SeenVersion, body: CalendarBody
) -> CalendarView:
    """Replace the region's own days and hours; running clocks are dated anew and say why."""
    principal.require_region(region)
    decided = await actions.change_calendar(session, principal, region, seen, body.as_data(), body.note)
    return _show(decided.catalogue, settled=decided.settled)


@router.put("/{region}/organisations/{organisation_id}")
async def change_office_hours(
    principal: AdminOnly,
    session: Transaction,
    region: Region,
    organisation_id: UUID,
    seen: SeenVersion,
    body: OfficeHoursBody,
) -> CalendarView:
    """Hours of one organisation, as the next version of the region's calendar."""
    principal.require_region(region)
    hours = body.office_hours.model_dump() if body.office_hours else None
    decided = await actions.change_office_hours(
        session, principal, region, organisation_id, seen, hours, body.note
    )
    return _show(decided.catalogue, settled=decided.settled)


def _show(catalogue: Catalogue, *, settled: bool = True) -> CalendarView:
    newest = catalogue.calendars[-1] if catalogue.calendars else None
    moment = newest.since if newest else utc_now()
    data: dict[str, Any] = dump_calendar(catalogue.calendar_of(Place(catalogue.region), moment))
    own = [
        OwnHours(organisation_id=UUID(organisation), office_hours=dict(edits[-1].hours))
        for organisation, edits in catalogue.hours.items()
        if edits[-1].hours
    ]
    zones = dict(newest.data.get("zones", {})) if newest else {}
    return CalendarView(
        **data, since=newest.since if newest else None, zones=zones, organisations=own, settled=settled
    )
