"""A region's reference data as they are exported: the same fields that PUT takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from contracts.routing import Role
from services.routing.reference.rules.houses import Service


@dataclass(frozen=True, slots=True)
class ExportedGroup:
    """A topic group."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ExportedTopic(ExportedGroup):
    """A topic with its group's code."""

    group: str
    active: bool


@dataclass(frozen=True, slots=True)
class ExportedOrganisation(ExportedGroup):
    """An organisation; `parent` by code."""

    kind: str
    parent: str | None
    municipality: str | None
    active: bool


@dataclass(frozen=True, slots=True)
class ExportedMunicipality:
    """A municipality and the beginnings of words by which texts name it."""

    oktmo: str
    name: str
    kind: str
    stems: list[str]
    population: int | None


@dataclass(frozen=True, slots=True)
class ExportedSettlement(ExportedGroup):
    """A town or village."""

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
class ExportedStreet:
    """A street of a settlement."""

    settlement: str
    name: str


@dataclass(frozen=True, slots=True)
class ExportedRule:
    """A competence rule by codes."""

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
class ExportedServiceArea:
    """Houses of a street that an organisation serves; it by code."""

    organisation: str
    service: Service
    municipality: str
    settlement: str | None
    street: str
    houses: list[str]
    valid_from: date | None
    valid_to: date | None
    comment: str


class ExportedReference(BaseModel):
    """Everything of a region that has a code, in the shape that PUT takes."""

    groups: list[ExportedGroup]
    topics: list[ExportedTopic]
    organisations: list[ExportedOrganisation]
    municipalities: list[ExportedMunicipality]
    settlements: list[ExportedSettlement]
    streets: list[ExportedStreet]
    rules: list[ExportedRule]
    service_areas: list[ExportedServiceArea]
