"""Reference data of regions: topics, organisations, everything at once, settings."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.resources import resources_of
from chassis.security import AdminOnly, Principal, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.actions.organisations import change_organisation, create_organisation
from services.routing.actions.reference import load_reference
from services.routing.actions.settings import change_settings
from services.routing.actions.topics import change_topics
from services.routing.queries import reference
from services.routing.schemas.reference import (
    ChangedOrganisation,
    NewOrganisation,
    NewRoutingSettings,
    NewTopics,
    OrganisationPage,
    OrganisationView,
    Reference,
    ReferenceLoaded,
    RoutingSettings,
    TopicPage,
    TopicsChanged,
)
from services.routing.schemas.types import RegionCode

router = Router(prefix="/api/v1", tags=["reference"])
Reader = Annotated[Principal, allowed("portal", "agency", "coordinator", "analyst")]
WHOLE_REGION_BYTES = 16 * 1024 * 1024


@router.get("/topics")
async def list_topics(
    principal: Reader,
    session: Reading,
    request: Request,
    region: RegionCode | None = None,
    inactive: bool = False,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> TopicPage:
    """Topics by region and code; `inactive` shows those out of use as well."""
    cursors = resources_of(request).cursors
    return await reference.list_topics(session, principal, cursors, region, inactive, cursor, limit)


@router.put("/topics")
async def put_topics(principal: AdminOnly, session: Transaction, body: NewTopics) -> TopicsChanged:
    """Create or change topics and groups; what is not named stays."""
    principal.require_region(body.of_region)
    return TopicsChanged(region=body.of_region, changed=await change_topics(session, body))


@router.get("/organisations")
async def list_organisations(
    principal: Reader,
    session: Reading,
    request: Request,
    region: RegionCode | None = None,
    inactive: bool = False,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> OrganisationPage:
    """Organisations by region and code."""
    cursors = resources_of(request).cursors
    return await reference.list_organisations(session, principal, cursors, region, inactive, cursor, limit)


@router.get("/organisations/{organisation_id}")
async def show_organisation(principal: Reader, session: Reading, organisation_id: UUID) -> OrganisationView:
    """One organisation, in use or not."""
    return await reference.read_organisation(session, principal, organisation_id)


@router.post("/organisations", response_model=OrganisationView, status_code=201)
async def add_organisation(
    principal: AdminOnly, session: Transaction, idempotency: Idempotent, body: NewOrganisation
) -> Response:
    """A new organisation."""
    principal.require_region(body.region)
    return await idempotency.run(
        session, principal, body, lambda: create_organisation(session, body), status=201
    )


@router.put("/organisations/{organisation_id}")
async def replace_organisation(
    principal: AdminOnly,
    session: Transaction,
    seen: ExpectedVersion,
    organisation_id: UUID,
    body: ChangedOrganisation,
) -> OrganisationView:
    """Replace what is said of an organisation; its code stays."""
    return await change_organisation(session, principal, organisation_id, seen, body)


@router.put("/reference/{region}", max_body_size=WHOLE_REGION_BYTES)
async def put_reference(
    principal: AdminOnly, session: Transaction, region: RegionCode, body: Reference
) -> ReferenceLoaded:
    """A region's reference data by codes, created or changed; the same body again changes nothing."""
    principal.require_region(region)
    return await load_reference(session, region, body)


@router.get("/settings/{region}/routing")
async def read_settings(principal: AdminOnly, session: Reading, region: RegionCode) -> RoutingSettings:
    """Threshold, hop limit, lease; version 0 are the defaults."""
    principal.require_region(region)
    return await reference.read_settings(session, region)


@router.put("/settings/{region}/routing")
async def replace_settings(
    principal: AdminOnly,
    session: Transaction,
    seen: ExpectedVersion,
    region: RegionCode,
    body: NewRoutingSettings,
) -> RoutingSettings:
    """Replace the settings; `If-Match` names the version seen."""
    principal.require_region(region)
    return await change_settings(session, region, body, seen)
