"""A region's calendar and its bodies' office hours: a new version from now on, which running clocks follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Unprocessable
from chassis.replacing import refuse_changes
from chassis.security import Principal
from chassis.versions import require_version
from services.sla.administration.schemas.calendars import (
    CalendarBody,
    CalendarView,
    OfficeHoursBody,
    describe_calendar,
)
from services.sla.clocks.actions.recalculations import start_redating
from services.sla.policies.queries import lock_catalogue, renew_catalogue
from services.sla.rules.catalogues import Catalogue
from services.sla.rules.overlays import parse_calendar


@dataclass(frozen=True, slots=True)
class Decided:
    """The catalogue after a decision; `settled`: running clocks have followed already (else they will)."""

    catalogue: Catalogue
    settled: bool


async def change_calendar(
    session: AsyncSession, principal: Principal, region: str, seen: int, body: CalendarBody, now: datetime
) -> Decided:
    """Replace the region's calendar (422 says what is wrong); 412 on another version."""
    data = body.as_data()
    try:
        parse_calendar({**data, "version": seen + 1}, region=region)
        for zone in set(data.get("zones", {}).values()):
            parse_calendar({"zone": zone}, region=region)
    except (ValueError, KeyError) as error:
        raise Unprocessable(str(error)) from None
    before = await lock_catalogue(session, region)
    version = _version_of(before)
    require_version(version, seen)
    shown = describe_calendar(before, now)
    body.require_unchanged(shown)
    data = _without_national(data, shown, before.calendars[-1].data if before.calendars else {})
    await _add_version(session, principal, region, version + 1, data, body.note)
    return await _follow(session, before, f"calendar {version + 1}: {body.note}")


def _without_national(data: Mapping[str, Any], shown: CalendarView, own: Mapping[str, Any]) -> dict[str, Any]:
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
    seen: int,
    body: OfficeHoursBody,
) -> Decided:
    """Give an organisation hours of its own (None: the region's again), as a new version of the calendar."""
    if body.organisation_id not in (None, organisation_id):
        refuse_changes(["/organisation_id"])
    hours, reason = body.office_hours.model_dump() if body.office_hours else None, body.note
    try:
        parse_calendar({"office_hours": hours}, region=region)
    except (ValueError, KeyError) as error:
        raise Unprocessable(str(error)) from None
    before = await lock_catalogue(session, region)
    version = _version_of(before)
    require_version(version, seen)
    data = before.calendars[-1].data if before.calendars else {}
    await _add_version(session, principal, region, version + 1, data, reason)
    await session.execute(
        text(
            "INSERT INTO sla.office_hours (region, organisation_id, calendar_version, hours) "
            "VALUES (:region, :organisation_id, :version, CAST(:hours AS jsonb))"
        ),
        {
            "region": region,
            "organisation_id": organisation_id,
            "version": version + 1,
            "hours": orjson.dumps(hours).decode() if hours else None,
        },
    )
    return await _follow(session, before, f"office hours {version + 1}: {reason}")


def _version_of(catalogue: Catalogue) -> int:
    return catalogue.calendars[-1].version if catalogue.calendars else 1


async def _add_version(
    session: AsyncSession,
    principal: Principal,
    region: str,
    version: int,
    data: Mapping[str, Any],
    reason: str,
) -> None:
    await session.execute(
        text(
            "INSERT INTO sla.calendar (region, version, data, reason, created_by) "
            "VALUES (:region, :version, CAST(:data AS jsonb), :reason, :created_by)"
        ),
        {
            "region": region,
            "version": version,
            "data": orjson.dumps(data).decode(),
            "reason": reason,
            "created_by": principal.client_id,
        },
    )


async def _follow(session: AsyncSession, before: Catalogue, cause: str) -> Decided:
    catalogue = await renew_catalogue(session, before)
    return Decided(catalogue, await start_redating(session, catalogue, cause))
