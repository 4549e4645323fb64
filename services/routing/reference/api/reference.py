"""Reference data of regions: topics, organisations, settings, everything at once, and what was changed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import AdminOnly, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.reference.actions.loading import load_reference
from services.routing.reference.actions.organisations import change_organisation, create_organisation
from services.routing.reference.actions.settings import change_settings
from services.routing.reference.actions.topics import change_topics
from services.routing.reference.queries import lists
from services.routing.reference.queries.changes import list_changes
from services.routing.reference.queries.export import export_reference
from services.routing.reference.queries.lists import ReferenceFilter
from services.routing.reference.queries.settlements import list_settlements
from services.routing.reference.schemas.changes import ReferenceChangePage
from services.routing.reference.schemas.exports import ExportedReference
from services.routing.reference.schemas.reference import (
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
from services.routing.reference.schemas.settlements import Settlements
from services.routing.reference.schemas.types import Municipality, RegionCode, Token
from services.routing.tables.reference import Changed

router = Router(prefix="/api/v1", tags=["reference"])
Reader = Annotated[Principal, allowed("portal", "agency", "coordinator", "analyst")]
WHOLE_REGION_BYTES = 16 * 1024 * 1024


async def _filters(region: RegionCode | None = None, inactive: bool = False) -> ReferenceFilter:
    return ReferenceFilter(region, inactive)


Filters = Annotated[ReferenceFilter, Depends(_filters)]


@router.get("/topics")
async def list_topics(principal: Reader, session: Reading, filters: Filters, page: Page) -> TopicPage:
    """Topics by region and code; `inactive` shows those out of use as well."""
    return await lists.list_topics(session, principal, filters, page)


@router.put("/topics")
async def put_topics(principal: AdminOnly, session: Transaction, body: NewTopics) -> TopicsChanged:
    """Create or change topics and groups; what is not named stays."""
    principal.require_region(body.of_region)
    return TopicsChanged(region=body.of_region, changed=await change_topics(session, body))


@router.get("/settlements")
async def list_region_settlements(
    principal: Annotated[Principal, allowed("portal", "agency", "coordinator", "analyst", "federal")],
    session: Reading,
    region: RegionCode,
    municipality: Municipality | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Settlements:
    """The largest settlements of a region, or of one of its municipalities, whose places are known: what a map names."""
    principal.require_region(region)
    return await list_settlements(session, region, municipality, limit)


@router.get("/organisations")
async def list_organisations(
    principal: Reader, session: Reading, filters: Filters, page: Page
) -> OrganisationPage:
    """Organisations by region and code."""
    return await lists.list_organisations(session, principal, filters, page)


@router.get("/organisations/{organisation_id}")
async def show_organisation(principal: Reader, session: Reading, organisation_id: UUID) -> OrganisationView:
    """One organisation, in use or not."""
    return await lists.read_organisation(session, principal, organisation_id)


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
    expected_version: ExpectedVersion,
    organisation_id: UUID,
    body: ChangedOrganisation,
) -> OrganisationView:
    """Replace what is stated of an organisation; its code stays."""
    return await change_organisation(session, principal, organisation_id, expected_version, body)


@router.get("/reference/{region}")
async def read_reference(principal: AdminOnly, session: Reading, region: RegionCode) -> ExportedReference:
    """A region's reference data as PUT takes it: sent to another installation it makes the same."""
    principal.require_region(region)
    return await export_reference(session, region)


@router.get("/reference/{region}/changes")
async def list_reference_changes(
    principal: Annotated[Principal, allowed("coordinator")],
    session: Reading,
    region: RegionCode,
    page: Page,
    what: Changed | None = None,
    id: Token | None = None,
) -> ReferenceChangePage:
    """Who changed what of a region's reference data, newest first; `id`: the code or id of one thing."""
    principal.require_region(region)
    return await list_changes(session, region, page, what, id)


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
    return await lists.read_settings(session, region)


@router.put("/settings/{region}/routing")
async def replace_settings(
    principal: AdminOnly,
    session: Transaction,
    expected_version: ExpectedVersion,
    region: RegionCode,
    body: NewRoutingSettings,
) -> RoutingSettings:
    """Replace the settings; `If-Match` names the version they were read in."""
    principal.require_region(region)
    return await change_settings(session, region, body, expected_version)
