"""Creating and changing one organisation."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_returning, row, scalar
from chassis.outbox import emit
from chassis.principals import Principal
from chassis.problems import NotFound, Problem, Unprocessable
from chassis.versions import require_version
from services.routing.reference.actions import changes
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.queries.cache import load_region_reference
from services.routing.reference.rules.codes import organisation_id_of
from services.routing.reference.rules.competence import is_subordinate
from services.routing.reference.schemas.reference import (
    ChangedOrganisation,
    NewOrganisation,
    OrganisationView,
)
from services.routing.tables.reference import Organisation, organisation

_REGION_OF = "SELECT region FROM routing.organisation WHERE region = ANY(:regions::text[]) AND id = :id"
_CURRENT = "SELECT * FROM routing.organisation WHERE region = :region AND id = :id"
_CHANGE = """
UPDATE routing.organisation SET name = :name, kind = :kind, parent_id = :parent_id,
    municipality = :municipality, active = :active, version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""


class OrganisationExists(Problem):
    status, slug, title = 409, "organisation-exists", "The region has an organisation with this code already"


async def create_organisation(session: AsyncSession, body: NewOrganisation) -> OrganisationView:
    """A new organisation; its id follows from region and code."""
    await lock_reference(session, body.region)
    organisation_id = organisation_id_of(body.region, body.code)
    await _require_parent(session, body.region, organisation_id, body.parent_id)
    new = changes.NewOrganisation(id=organisation_id, **body.model_dump())
    created = await insert_returning(session, Organisation, organisation, [new], on_conflict="DO NOTHING")
    if not created:
        raise OrganisationExists
    return await _announce(session, created[0])


async def change_organisation(
    session: AsyncSession,
    principal: Principal,
    organisation_id: UUID,
    expected_version: int,
    body: ChangedOrganisation,
) -> OrganisationView:
    """Replace what is stated of an organisation; its code stays."""
    regions = principal.regions_within()
    region = await scalar(session, str, _REGION_OF, regions=regions, id=organisation_id)
    if region is None:
        raise NotFound
    await lock_reference(session, region)
    await _require_parent(session, region, organisation_id, body.parent_id)
    stored = await row(session, Organisation, _CURRENT, region=region, id=organisation_id)
    assert stored is not None
    current = OrganisationView.model_validate(stored, from_attributes=True)
    require_version(current.version, expected_version)
    body.require_unchanged(current)
    changed = await row(session, Organisation, _CHANGE, region=region, id=organisation_id, **body.wanted())
    assert changed is not None
    return await _announce(session, changed)


async def _announce(session: AsyncSession, changed: Organisation) -> OrganisationView:
    await raise_version(session, changed.region)
    await emit(session, changes.organisation_changed(changed))
    return OrganisationView.model_validate(changed, from_attributes=True)


async def _require_parent(
    session: AsyncSession, region: str, organisation_id: UUID, parent_id: UUID | None
) -> None:
    if parent_id is None:
        return
    organisations = (await load_region_reference(session, region)).organisations
    if parent_id not in organisations:
        raise _wrong_parent("there is no such organisation in this region")
    if is_subordinate(parent_id, organisation_id, organisations):
        raise _wrong_parent("an organisation can't stand below itself")


def _wrong_parent(message: str) -> Unprocessable:
    return Unprocessable("See errors.", errors=[{"pointer": "/parent_id", "message": message}])
