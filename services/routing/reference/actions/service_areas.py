"""Creating, changing and ending service areas, one by one and by codes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import encode_json, insert_returning, insert_rows, row, run, scalar
from chassis.principals import Principal
from chassis.problems import NotFound, Problem, Unprocessable
from chassis.versions import require_version
from services.routing.reference.actions.changes import on_change
from services.routing.reference.actions.versions import lock_reference, raise_version
from services.routing.reference.queries.cache import load_region_reference
from services.routing.reference.rules.addresses import read_street
from services.routing.reference.rules.codes import organisation_id_of
from services.routing.reference.rules.houses import Service
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import require_chosen_unchanged
from services.routing.reference.schemas.service_areas import (
    ChangedServiceArea,
    NewServiceArea,
    ServedHouses,
    ServiceAreaFields,
    ServiceAreaRow,
    ServiceAreaView,
)
from services.routing.tables.reference import ServiceArea, service_area

_KEY = "region, street_key, organisation_id, service, municipality, settlement, street_kind, valid_from"
_REGION_OF = "SELECT region FROM routing.service_area WHERE region = ANY(:regions::text[]) AND id = :id"
_CURRENT = "SELECT * FROM routing.service_area WHERE region = :region AND id = :id"
_SAME = """
SELECT 1 FROM routing.service_area WHERE region = :region AND organisation_id = :organisation AND service = :service
AND municipality = :municipality AND settlement IS NOT DISTINCT FROM :settlement::text
AND street_key = :street_key AND street_kind = :street_kind AND valid_from IS NOT DISTINCT FROM :valid_from::date
AND id <> :id
"""
_CHANGE = """
UPDATE routing.service_area SET organisation_id = :organisation, service = :service, municipality = :municipality,
    settlement = :settlement, street = :street, street_key = :street_key, street_kind = :street_kind,
    houses = :houses::jsonb, valid_from = :valid_from, valid_to = :valid_to, comment = :comment, version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""
_REMOVE = "DELETE FROM routing.service_area WHERE region = :region AND id = :id"


class ServiceAreaExists(Problem):
    status, slug, title = 409, "service-area-exists", "The organisation has this street already"


@dataclass(frozen=True, slots=True)
class _NewArea:
    region: str
    id: UUID
    organisation_id: UUID
    service: Service
    municipality: str
    settlement: str | None
    street: str
    street_key: str
    street_kind: str
    houses: list[str]
    valid_from: date | None
    valid_to: date | None
    comment: str

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it another area."""
        where = (self.street_key, self.street_kind, self.municipality, self.settlement)
        return (*where, self.organisation_id, self.service, self.valid_from)


def _new_area(region: str, organisation_id: UUID, houses: ServedHouses) -> _NewArea:
    street = read_street(houses.street)
    stated = houses.model_dump(include=set(ServedHouses.model_fields))
    return _NewArea(
        region=region,
        id=uuid7(),
        organisation_id=organisation_id,
        street_key=street.key,
        street_kind=street.kind,
        **stated,
    )


async def put_service_areas(session: AsyncSession, region: str, areas: Sequence[ServiceAreaRow]) -> int:
    """Upsert by street, company, service and first day; how many changed."""
    new = [_new_area(region, organisation_id_of(region, each.organisation), each) for each in areas]
    by_key = {each.key: each for each in new}
    columns = ("street", "houses", "valid_to", "comment")
    changed = await insert_rows(
        session,
        service_area,
        list(by_key.values()),
        on_conflict=on_change("service_area", _KEY, columns),
        returning="id",
    )
    return len(changed)


async def create_service_area(session: AsyncSession, body: NewServiceArea) -> ServiceAreaView:
    """A new service area, in force from its first day."""
    await lock_reference(session, body.region)
    reference = await load_region_reference(session, body.region)
    _require_company(reference, body)
    new = _new_area(body.region, body.organisation, body)
    created = await insert_returning(session, ServiceArea, service_area, [new], on_conflict="DO NOTHING")
    if not created:
        raise ServiceAreaExists
    await raise_version(session, body.region)
    return ServiceAreaView.of(created[0], reference)


async def change_service_area(
    session: AsyncSession,
    principal: Principal,
    area_id: UUID,
    expected_version: int,
    body: ChangedServiceArea,
) -> ServiceAreaView:
    """Replace a service area."""
    stored = await _lock(session, principal, area_id, expected_version)
    reference = await load_region_reference(session, stored.region)
    fields = body.fields()
    _require_company(reference, fields)
    current = ServiceAreaView.of(stored, reference)
    require_chosen_unchanged(reference, body, body.organisation, current, current.organisation.name)
    street = read_street(fields.street)
    houses = encode_json(fields.houses)
    stated = fields.model_dump() | {"street_key": street.key, "street_kind": street.kind, "houses": houses}
    place = {"region": stored.region, "id": area_id}
    if await scalar(session, int, _SAME, **stated | place):
        raise ServiceAreaExists
    changed = await row(session, ServiceArea, _CHANGE, **stated | place)
    assert changed is not None
    await raise_version(session, stored.region)
    return ServiceAreaView.of(changed, reference)


async def remove_service_area(
    session: AsyncSession, principal: Principal, area_id: UUID, expected_version: int
) -> None:
    """It was never so; what ends on a day is given a `valid_to` instead. Its last state stays in the changes."""
    stored = await _lock(session, principal, area_id, expected_version)
    await run(session, _REMOVE, region=stored.region, id=area_id)
    await raise_version(session, stored.region)


async def _lock(
    session: AsyncSession, principal: Principal, area_id: UUID, expected_version: int
) -> ServiceArea:
    """The area as it stands, with the region's reference data locked; 404 out of reach, 412 when it has moved on."""
    regions = principal.regions_within()
    region = await scalar(session, str, _REGION_OF, regions=regions, id=area_id)
    if region is None:
        raise NotFound
    await lock_reference(session, region)
    stored = await row(session, ServiceArea, _CURRENT, region=region, id=area_id)
    if stored is None:
        raise NotFound
    require_version(stored.version, expected_version)
    return stored


def _require_company(reference: RegionReference, fields: ServiceAreaFields) -> None:
    known = reference.organisations.get(fields.organisation)
    if known is None or known.kind == "coordinator":
        message = "there is no such executing organisation"
        raise Unprocessable("See errors.", errors=[{"pointer": "/organisation", "message": message}])
