"""Reference data of a region: topics, organisations, municipalities, competence rules, settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint

from chassis.tables import Key, default, define_table
from contracts.routing import Role
from services.routing.tables.base import metadata

Version = Annotated[int, default("1")]
InUse = Annotated[bool, default("true")]


@dataclass(frozen=True, slots=True)
class ReferenceVersion:
    """One per region: raised by every change of reference data, so that a cached copy is checked by one cheap read."""

    region: Key[str]
    version: Version


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """A group of topics."""

    region: Key[str]
    code: Key[str]
    name: str


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic."""

    region: Key[str]
    code: Key[str]
    name: str
    group_code: str
    version: Version
    active: InUse


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who executes."""

    region: Key[str]
    id: Key[UUID]
    code: str
    name: str
    kind: str
    parent_id: UUID | None
    municipality: str | None
    version: Version
    active: InUse


@dataclass(frozen=True, slots=True)
class Municipality:
    """A territory and the beginnings of words by which texts name it."""

    region: Key[str]
    oktmo: Key[str]
    name: str
    kind: Annotated[str, default("''")]
    stems: Annotated[list[str], default("'[]'")]


@dataclass(frozen=True, slots=True)
class StoredSettlement:
    """A town or village of the region; `reference.rules.settlements.Settlement` as a row. `lat`, `lon`: WGS 84 degrees."""

    region: Key[str]
    code: Key[str]
    name: str
    kind: Annotated[str, default("''")]
    municipality: str
    oktmo: str | None
    formation: Annotated[str, default("''")]
    lat: float | None
    lon: float | None
    population: int | None
    aliases: Annotated[list[str], default("'[]'")]
    namesakes: Annotated[bool, default("false")]


@dataclass(frozen=True, slots=True)
class Street:
    """A street of a settlement."""

    region: Key[str]
    settlement: Key[str]
    name: Key[str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Competence: topic, group or neither × municipality or the whole region → an organisation."""

    region: Key[str]
    id: Key[UUID]
    topic: str | None
    group_code: str | None
    municipality: str | None
    organisation_id: UUID
    role: Annotated[Role, default("'lead'")]
    comment: Annotated[str, default("''")]
    version: Version
    active: InUse


@dataclass(frozen=True, slots=True)
class Setting:
    """What a region has set otherwise than the defaults are."""

    region: Key[str]
    settings: dict[str, Any]
    version: Version


reference_version = define_table(metadata, "reference_version", ReferenceVersion)
topic_group = define_table(metadata, "topic_group", TopicGroup)
topic = define_table(metadata, "topic", Topic)
organisation = define_table(
    metadata,
    "organisation",
    Organisation,
    UniqueConstraint("region", "code"),
    Index("organisation_id_ix", "id"),
)
municipality = define_table(metadata, "municipality", Municipality)
settlement = define_table(metadata, "settlement", StoredSettlement)
street = define_table(metadata, "street", Street)
rule = define_table(
    metadata,
    "rule",
    Rule,
    UniqueConstraint(
        "region",
        "topic",
        "group_code",
        "municipality",
        "organisation_id",
        "role",
        name="rule_subject_uq",
        postgresql_nulls_not_distinct=True,
    ),
)
setting = define_table(metadata, "setting", Setting)
