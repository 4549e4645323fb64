"""Creating and changing one organisation."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.db.driver import Row
from chassis.outbox import emit
from chassis.problems import NotFound, Problem, Unprocessable
from chassis.security import Principal
from chassis.versions import require_version
from services.routing.actions.reference import bump_reference, lock_reference, organisation_changed
from services.routing.models.books import load_book
from services.routing.models.tables import organisation
from services.routing.rules.books import organisation_id_of
from services.routing.rules.competence import is_subordinate
from services.routing.schemas.reference import ChangedOrganisation, NewOrganisation, OrganisationView


class OrganisationExists(Problem):
    status, slug, title = 409, "organisation-exists", "The region has an organisation with this code already"


async def create_organisation(session: AsyncSession, body: NewOrganisation) -> OrganisationView:
    """A new organisation; its id follows from region and code."""
    await lock_reference(session, body.region)
    organisation_id = organisation_id_of(body.region, body.code)
    await _require_parent(session, body.region, organisation_id, body.parent_id)
    row = {"id": organisation_id, **body.model_dump()}
    returned = await insert_rows(session, organisation, [row], on_conflict="DO NOTHING", returning="*")
    if not returned:
        raise OrganisationExists
    return await _tell(session, returned[0])


async def change_organisation(
    session: AsyncSession, principal: Principal, organisation_id: UUID, seen: int, body: ChangedOrganisation
) -> OrganisationView:
    """Replace what is said of an organisation; its code stays."""
    region = await session.scalar(
        text("SELECT region FROM routing.organisation WHERE region = ANY(:regions) AND id = :id"),
        {"regions": principal.regions_within(), "id": organisation_id},
    )
    if region is None:
        raise NotFound
    await lock_reference(session, region)
    await _require_parent(session, region, organisation_id, body.parent_id)
    known = await session.execute(
        text("SELECT * FROM routing.organisation WHERE region = :region AND id = :id"),
        {"region": region, "id": organisation_id},
    )
    current = OrganisationView.model_validate(dict(known.mappings().one()))
    require_version(current.version, seen)
    body.require_unchanged(current)
    found = await session.execute(
        text(
            "UPDATE routing.organisation SET name = :name, kind = :kind, parent_id = :parent_id, "
            "municipality = :municipality, active = :active, version = version + 1 "
            "WHERE region = :region AND id = :id RETURNING *"
        ),
        {"region": region, "id": organisation_id, **body.wanted()},
    )
    return await _tell(session, found.mappings().one())


async def _tell(session: AsyncSession, row: Row | RowMapping) -> OrganisationView:
    await bump_reference(session, row["region"])
    await emit(session, organisation_changed(row))
    return OrganisationView.model_validate(dict(row))


async def _require_parent(
    session: AsyncSession, region: str, organisation_id: UUID, parent_id: UUID | None
) -> None:
    if parent_id is None:
        return
    book = await load_book(session, region, 0)
    message = ""
    if parent_id not in book.bodies:
        message = "there is no such organisation in this region"
    elif is_subordinate(parent_id, organisation_id, book.bodies):
        message = "an organisation can't stand below itself"
    if message:
        raise Unprocessable("See errors.", errors=[{"pointer": "/parent_id", "message": message}])
