"""A region's reference data as PUT takes it: sent to another installation it makes the same."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from contracts.routing import Role
from services.routing.reference.rules.houses import Service
from services.routing.reference.schemas.reference import (
    GroupRow,
    MunicipalityRow,
    OrganisationRow,
    Reference,
    RuleRow,
    TopicRow,
)
from services.routing.reference.schemas.service_areas import ServiceAreaRow
from services.routing.reference.schemas.settlements import SettlementRow, StreetRow

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

M = TypeVar("M", bound=BaseModel)
_GROUPS = "SELECT code, name FROM routing.topic_group WHERE region = :region ORDER BY code"
_TOPICS = """
SELECT code, name, group_code AS "group", active FROM routing.topic WHERE region = :region ORDER BY code
"""
_ORGANISATIONS = """
SELECT o.code, o.name, o.kind, p.code AS parent, o.municipality, o.active FROM routing.organisation o
LEFT JOIN routing.organisation p ON p.region = o.region AND p.id = o.parent_id WHERE o.region = :region ORDER BY o.code
"""
_MUNICIPALITIES = """
SELECT oktmo, name, kind, stems FROM routing.municipality WHERE region = :region ORDER BY oktmo
"""
_SETTLEMENTS = """
SELECT code, name, nullif(kind, '') AS kind, municipality, oktmo, nullif(formation, '') AS formation, lat, lon, population,
    aliases, namesakes
FROM routing.settlement WHERE region = :region ORDER BY code
"""
_STREETS = "SELECT settlement, name FROM routing.street WHERE region = :region ORDER BY settlement, name"
_RULES = """
SELECT r.topic, r.group_code AS "group", r.municipality, o.code AS organisation, r.role, r.comment, r.active, r.position,
    r.valid_from, r.valid_to, r.season_from, r.season_to, r.service
FROM routing.rule r JOIN routing.organisation o ON o.region = r.region AND o.id = r.organisation_id
WHERE r.region = :region ORDER BY r.id
"""
_SERVICE_AREAS = """
SELECT o.code AS organisation, a.service, a.municipality, a.settlement, a.street, a.houses, a.valid_from, a.valid_to, a.comment
FROM routing.service_area a JOIN routing.organisation o ON o.region = a.region AND o.id = a.organisation_id
WHERE a.region = :region ORDER BY a.municipality, a.street_key, a.id
"""


@dataclass(frozen=True, slots=True)
class _Group:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class _Topic(_Group):
    group: str
    active: bool


@dataclass(frozen=True, slots=True)
class _Organisation(_Group):
    kind: str
    parent: str | None
    municipality: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class _Municipality:
    oktmo: str
    name: str
    kind: str
    stems: list[str]


@dataclass(frozen=True, slots=True)
class _Settlement(_Group):
    kind: str | None
    municipality: str
    oktmo: str | None
    formation: str | None
    lat: float | None
    lon: float | None
    population: int | None
    aliases: list[str]
    namesakes: bool


@dataclass(frozen=True, slots=True)
class _Street:
    settlement: str
    name: str


@dataclass(frozen=True, slots=True)
class _Rule:
    topic: str | None
    group: str | None
    municipality: str | None
    organisation: str
    role: Role
    comment: str
    active: bool
    position: int | None
    valid_from: date | None
    valid_to: date | None
    season_from: str | None
    season_to: str | None
    service: Service | None


@dataclass(frozen=True, slots=True)
class _ServiceArea:
    organisation: str
    service: Service
    municipality: str
    settlement: str | None
    street: str
    houses: list[str]
    valid_from: date | None
    valid_to: date | None
    comment: str


async def export_reference(session: AsyncSession, region: str) -> Reference:
    """Everything that has a code, in use or not; settings are exported by their own address."""

    async def read(model: type[M], kind: type[DataclassInstance], sql: str) -> list[M]:
        return [model(**asdict(each)) for each in await rows(session, kind, sql, region=region)]

    return Reference(
        groups=await read(GroupRow, _Group, _GROUPS),
        topics=await read(TopicRow, _Topic, _TOPICS),
        organisations=await read(OrganisationRow, _Organisation, _ORGANISATIONS),
        municipalities=await read(MunicipalityRow, _Municipality, _MUNICIPALITIES),
        settlements=await read(SettlementRow, _Settlement, _SETTLEMENTS),
        streets=await read(StreetRow, _Street, _STREETS),
        rules=await read(RuleRow, _Rule, _RULES),
        service_areas=await read(ServiceAreaRow, _ServiceArea, _SERVICE_AREAS),
    )
