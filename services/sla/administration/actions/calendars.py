"""A region's calendar and its organisations' office hours: a new version from now on, which running clocks follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_json, run
from chassis.principals import Principal
from chassis.replacing import refuse_changes
from chassis.versions import require_version
from services.sla.administration.actions.decisions import Decided, follow, refusing_nonsense
from services.sla.administration.schemas.calendars import (
    CalendarBody,
    CalendarView,
    OfficeHoursBody,
    describe_calendar,
)
from services.sla.calendars.rules.calendar_codec import parse_calendar
from services.sla.policies.queries import decision_time, lock_region_config

_ADD: Final = (
    "INSERT INTO sla.calendar (region, version, data, reason, created_by, created_at) "
    "VALUES (:region, :version, :data, :reason, :created_by, :created_at)"
)
_ADD_HOURS: Final = (
    "INSERT INTO sla.office_hours (region, organisation_id, calendar_version, hours) "
    "VALUES (:region, :organisation_id, :version, :hours)"
)


async def change_calendar(
    session: AsyncSession,
    principal: Principal,
    region: str,
    expected_version: int,
    body: CalendarBody,
    now: datetime,
) -> Decided:
    """Replace the region's calendar (422 says what is wrong); 412 on another version."""
    data = body.as_data()
    with refusing_nonsense():
        parse_calendar({**data, "version": expected_version + 1}, region=region)
        for zone in set(body.zones.values()):
            parse_calendar({"zone": zone}, region=region)
    before = await lock_region_config(session, region)
    current = before.newest_edit
    require_version(current.version, expected_version)
    shown = describe_calendar(before, now)
    body.require_unchanged(shown)
    data = _without_national(data, shown, current.data)
    await _add_version(session, principal, region, current.version + 1, data, body.note)
    return await follow(session, before, f"calendar {current.version + 1}: {body.note}")


def _without_national(
    data: Mapping[str, Any], shown: CalendarView, own: Mapping[str, Any]
) -> dict[str, object]:
    """What GET showed of the nation and came back unchanged stays the nation's: it may still change there."""
    national = {
        name
        for name in ("office_hours", "known_until")
        if name not in own and data.get(name) == getattr(shown, name)
    }
    return {name: value for name, value in data.items() if name not in national}


async def change_office_hours(
    session: AsyncSession,
    principal: Principal,
    region: str,
    organisation_id: UUID,
    expected_version: int,
    body: OfficeHoursBody,
) -> Decided:
    """Give an organisation hours of its own (None: the region's again), as a new version of the calendar."""
    if body.organisation_id not in (None, organisation_id):
        refuse_changes(["/organisation_id"])
    hours = body.office_hours.model_dump() if body.office_hours else None
    with refusing_nonsense():
        parse_calendar({"office_hours": hours}, region=region)
    before = await lock_region_config(session, region)
    current = before.newest_edit
    require_version(current.version, expected_version)
    version = current.version + 1
    await _add_version(session, principal, region, version, current.data, body.note)
    await run(
        session,
        _ADD_HOURS,
        region=region,
        organisation_id=organisation_id,
        version=version,
        hours=encode_json(hours) if hours else None,
    )
    return await follow(session, before, f"office hours {version}: {body.note}")


async def _add_version(
    session: AsyncSession,
    principal: Principal,
    region: str,
    version: int,
    data: Mapping[str, Any],
    reason: str,
) -> None:
    await run(
        session,
        _ADD,
        region=region,
        version=version,
        data=encode_json(data),
        reason=reason,
        created_by=principal.client_id,
        created_at=await decision_time(session),
    )
