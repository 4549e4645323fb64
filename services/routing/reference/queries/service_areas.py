"""Service areas of regions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.pages import PageRequest
from chassis.principals import Principal
from chassis.problems import NotFound
from services.routing.reference.queries.cache import references_of
from services.routing.reference.rules.addresses import street_key
from services.routing.reference.rules.houses import Service
from services.routing.reference.schemas.service_areas import ServiceAreaPage, ServiceAreaView
from services.routing.tables.reference import ServiceArea

_CURSOR: Final = "service-areas"
_WITHIN = """
region = ANY(:regions::text[]) AND (:organisation::uuid IS NULL OR organisation_id = :organisation::uuid)
"""
_AREAS = f"""
SELECT * FROM routing.service_area WHERE {_WITHIN} AND (region, id) > (:after_region::text, :after::text::uuid)
    AND (:service::text IS NULL OR service = :service::text)
    AND (:street::text IS NULL OR street_key = :street::text)
ORDER BY region, id LIMIT :limit
"""
_AREA = f"SELECT * FROM routing.service_area WHERE {_WITHIN} AND id = :id"


@dataclass(frozen=True, slots=True)
class AreaFilter:
    """What a list of service areas is narrowed to; `street`: in whatever way it is written."""

    region: str | None = None
    organisation: UUID | None = None
    service: Service | None = None
    street: str | None = None


async def list_service_areas(
    session: AsyncSession, principal: Principal, filters: AreaFilter, page: PageRequest
) -> ServiceAreaPage:
    """Areas by region and age; an agency's own only."""
    region, after = page.position(_CURSOR) or ("", str(UUID(int=0)))
    found = await rows(
        session,
        ServiceArea,
        _AREAS,
        regions=principal.regions_within(filters.region),
        organisation=_own_only(principal, filters.organisation),
        service=filters.service,
        street=street_key(filters.street) if filters.street else None,
        after_region=region,
        after=after,
        limit=page.limit + 1,
    )
    areas, following = page.cut(_CURSOR, found, lambda area: (area.region, str(area.id)))
    references = await references_of(session).read(session, (area.region for area in areas))
    items = [ServiceAreaView.of(area, references[area.region]) for area in areas]
    return ServiceAreaPage(items=items, next_cursor=following)


async def read_service_area(session: AsyncSession, principal: Principal, area_id: UUID) -> ServiceAreaView:
    """One area; 404 when it is not within reach."""
    within = {"regions": principal.regions_within(), "organisation": _own_only(principal, None)}
    area = await row(session, ServiceArea, _AREA, **within, id=area_id)
    if area is None:
        raise NotFound
    references = await references_of(session).read(session, [area.region])
    return ServiceAreaView.of(area, references[area.region])


def _own_only(principal: Principal, asked: UUID | None) -> UUID | None:
    """An agency reads the areas of its organisation, whatever it asks for."""
    if principal.role != "agency":
        return asked
    return principal.organisation if asked in (None, principal.organisation) else UUID(int=0)
