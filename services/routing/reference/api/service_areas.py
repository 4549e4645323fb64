"""Houses that companies serve."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import AdminOnly, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.reference.actions import service_areas as actions
from services.routing.reference.queries.service_areas import (
    AreaFilter,
    list_service_areas,
    read_service_area,
)
from services.routing.reference.rules.houses import Service
from services.routing.reference.schemas.service_areas import (
    ChangedServiceArea,
    NewServiceArea,
    ServiceAreaPage,
    ServiceAreaView,
)
from services.routing.reference.schemas.types import Name, RegionCode

router = Router(prefix="/api/v1/service-areas", tags=["service areas"])
Reader = Annotated[Principal, allowed("agency", "coordinator")]


async def _filters(
    region: RegionCode | None = None,
    organisation: UUID | None = None,
    service: Service | None = None,
    street: Name | None = None,
) -> AreaFilter:
    return AreaFilter(region, organisation, service, street)


@router.get("")
async def list_areas(
    principal: Reader, session: Reading, filters: Annotated[AreaFilter, Depends(_filters)], page: Page
) -> ServiceAreaPage:
    """Service areas, oldest first; an agency sees its own. `street` in whatever way it is written."""
    return await list_service_areas(session, principal, filters, page)


@router.get("/{area_id}")
async def show_area(principal: Reader, session: Reading, area_id: UUID) -> ServiceAreaView:
    """One service area."""
    return await read_service_area(session, principal, area_id)


@router.post("", response_model=ServiceAreaView, status_code=201)
async def add_area(
    principal: AdminOnly, session: Transaction, idempotency: Idempotent, body: NewServiceArea
) -> Response:
    """A new service area."""
    principal.require_region(body.region)
    return await idempotency.run(
        session, principal, body, lambda: actions.create_service_area(session, body), status=201
    )


@router.put("/{area_id}")
async def replace_area(
    principal: AdminOnly,
    session: Transaction,
    expected_version: ExpectedVersion,
    area_id: UUID,
    body: ChangedServiceArea,
) -> ServiceAreaView:
    """Replace a service area."""
    return await actions.change_service_area(session, principal, area_id, expected_version, body)


@router.delete("/{area_id}", status_code=204)
async def remove_area(
    principal: AdminOnly, session: Transaction, expected_version: ExpectedVersion, area_id: UUID
) -> None:
    """Take a service area back; one that ends on a day gets a `valid_to` instead."""
    await actions.remove_service_area(session, principal, area_id, expected_version)
