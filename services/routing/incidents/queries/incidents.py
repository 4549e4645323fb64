"""Incidents as officials see them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest, merge_ranges
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.incidents.schemas.incidents import IncidentPage, IncidentView
from services.routing.reference.queries.cache import references_of
from services.routing.tables.incidents import OPEN_INCIDENTS, Incident, IncidentStatus

_FIND = "SELECT * FROM routing.incident WHERE region = ANY(:regions::text[]) AND id = :id"
_RANGES = "unnest(:regions::text[]) AS r(region) CROSS JOIN unnest(:statuses::text[]) AS s(status)"
_ROWS = "SELECT i.* FROM routing.incident i WHERE i.region = r.region AND i.status = s.status"
_OF_ORGANISATION = " AND i.organisation_id = :organisation"
_AFTER = " AND (i.last_at, i.id) < (:last_at, :id)"
_NEWEST = "last_at DESC, id DESC"
_KIND = "incidents"
_ENOUGH = "SELECT id, enough FROM routing.known_enough WHERE region = ANY(:regions::text[]) AND id = ANY(:ids::uuid[])"


@dataclass(frozen=True, slots=True)
class _Enough:
    id: UUID
    enough: int


async def find_incident(session: AsyncSession, principal: Principal, incident_id: UUID) -> Incident:
    """One incident; 404 when it is not within reach: an organisation's are those it holds the lead of."""
    incident = await row(session, Incident, _FIND, regions=principal.regions_within(), id=incident_id)
    if incident is None or (
        principal.role == "agency" and incident.organisation_id != principal.organisation
    ):
        raise NotFound
    return incident


async def read_incident(session: AsyncSession, region: str, incident_id: UUID) -> Incident | None:
    """One incident of a region, for who may see all of it."""
    return await row(session, Incident, _FIND, regions=[region], id=incident_id)


async def show_incident(session: AsyncSession, principal: Principal, incident_id: UUID) -> IncidentView:
    """The same as it is shown."""
    incident = await find_incident(session, principal, incident_id)
    (shown,) = await show_incidents(session, [incident])
    return shown


async def list_incidents(
    session: AsyncSession,
    principal: Principal,
    region: str | None,
    status: IncidentStatus | None,
    page: PageRequest,
) -> IncidentPage:
    """Those that something was last told of first; without a status the open ones."""
    position = page.position(_KIND)
    last_at, id = position or (None, None)
    is_agency = principal.role == "agency"
    narrowed = (_OF_ORGANISATION if is_agency else "") + (_AFTER if position else "")
    found = await rows(
        session,
        Incident,
        merge_ranges(_RANGES, _ROWS + narrowed, _NEWEST),
        regions=principal.regions_within(region),
        statuses=[status] if status else sorted(OPEN_INCIDENTS),
        organisation=principal.organisation if is_agency else None,
        last_at=last_at and datetime.fromisoformat(last_at),
        id=id and UUID(id),
        limit=page.limit + 1,
    )
    shown, following = page.cut(_KIND, found, lambda last: (last.last_at, str(last.id)))
    return IncidentPage(items=await show_incidents(session, shown), next_cursor=following)


async def show_incidents(session: AsyncSession, incidents: Sequence[Incident]) -> list[IncidentView]:
    """As officials see them, with how many citizens did not write because of it."""
    regions = sorted({each.region for each in incidents})
    references = await references_of(session).read(session, regions)
    counted = await rows(session, _Enough, _ENOUGH, regions=regions, ids=[each.id for each in incidents])
    enough = {each.id: each.enough for each in counted}
    return [IncidentView.of(each, references[each.region], enough.get(each.id, 0)) for each in incidents]
