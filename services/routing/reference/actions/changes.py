"""Topics and organisations, set-wise and by codes: only what really differs gets a new version and an event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_returning, rows
from contracts.routing import OrganisationChanged, TopicChanged
from services.routing.reference.rules.codes import organisation_id_of, topic_id_of
from services.routing.reference.schemas.reference import GroupRow, OrganisationRow, TopicRow
from services.routing.tables.reference import Organisation, TopicGroup, organisation, topic, topic_group

_RENAME_GROUP = "(region, code) DO UPDATE SET name = excluded.name WHERE topic_group.name <> excluded.name"
# Topics that were changed themselves (`direct`) and those whose group was renamed.
_CHANGED_TOPICS = """
WITH touched AS (
    UPDATE routing.topic SET version = version + 1
    WHERE region = :region AND group_code = ANY(:groups::text[]) AND code <> ALL(:direct::text[]) RETURNING *
), changed AS (
    SELECT * FROM touched UNION ALL
    SELECT * FROM routing.topic WHERE region = :region AND code = ANY(:direct::text[])
)
SELECT c.*, coalesce(g.name, c.group_code) AS group_name FROM changed c
LEFT JOIN routing.topic_group g ON g.region = c.region AND g.code = c.group_code ORDER BY c.code
"""


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


C = TypeVar("C", bound=_Coded)


@dataclass(frozen=True, slots=True)
class _Code:
    code: str


@dataclass(frozen=True, slots=True)
class _NewTopic:
    region: str
    code: str
    name: str
    group_code: str
    active: bool


@dataclass(frozen=True, slots=True)
class _ChangedTopic(_NewTopic):
    version: int
    group_name: str


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """An organisation as it is inserted."""

    region: str
    id: UUID
    code: str
    name: str
    kind: str
    parent_id: UUID | None
    municipality: str | None
    active: bool = True


def on_change(table: str, key: str, columns: Sequence[str]) -> str:
    """ON CONFLICT: update and raise the version, but only when one of the columns differs."""
    new = ", ".join(f"excluded.{column}" for column in columns)
    old = ", ".join(f"{table}.{column}" for column in columns)
    setters = ", ".join(f"{column} = excluded.{column}" for column in columns)
    return (
        f"({key}) DO UPDATE SET {setters}, version = {table}.version + 1 "
        f"WHERE ROW({old}) IS DISTINCT FROM ROW({new})"
    )


async def put_topics(
    session: AsyncSession, region: str, groups: Sequence[GroupRow], topics: Sequence[TopicRow]
) -> list[TopicChanged]:
    """Upsert; a renamed group changes its topics. Returns the events of what changed."""
    renamed = await insert_returning(
        session,
        _Code,
        topic_group,
        [TopicGroup(region, each.code, each.name) for each in _by_code(groups)],
        on_conflict=_RENAME_GROUP,
    )
    direct = await insert_returning(
        session,
        _Code,
        topic,
        [_NewTopic(region, each.code, each.name, each.group, each.active) for each in _by_code(topics)],
        on_conflict=on_change("topic", "region, code", ("name", "group_code", "active")),
    )
    changed = await rows(
        session,
        _ChangedTopic,
        _CHANGED_TOPICS,
        region=region,
        groups=[each.code for each in renamed],
        direct=[each.code for each in direct],
    )
    return [_topic_changed(each) for each in changed]


def _topic_changed(changed: _ChangedTopic) -> TopicChanged:
    return TopicChanged(
        region=changed.region,
        sequence=changed.version,
        topic_id=topic_id_of(changed.region, changed.code),
        code=changed.code,
        name=changed.name,
        group=changed.group_code,
        group_name=changed.group_name,
        active=changed.active,
    )


async def put_organisations(
    session: AsyncSession, region: str, organisations: Sequence[OrganisationRow]
) -> list[OrganisationChanged]:
    """Upsert; returns the events of what changed."""
    new = [
        NewOrganisation(
            region,
            organisation_id_of(region, each.code),
            each.code,
            each.name,
            each.kind,
            organisation_id_of(region, each.parent) if each.parent else None,
            each.municipality,
            each.active,
        )
        for each in _by_code(organisations)
    ]
    columns = ("name", "kind", "parent_id", "municipality", "active")
    changed = await insert_returning(
        session, Organisation, organisation, new, on_conflict=on_change("organisation", "region, id", columns)
    )
    return [organisation_changed(each) for each in changed]


def organisation_changed(changed: Organisation) -> OrganisationChanged:
    """The event with an organisation's full state."""
    return OrganisationChanged(
        region=changed.region,
        sequence=changed.version,
        organisation_id=changed.id,
        code=changed.code,
        name=changed.name,
        kind=changed.kind,
        parent_id=changed.parent_id,
        municipality=changed.municipality,
        active=changed.active,
    )


def _by_code(named: Iterable[C]) -> list[C]:
    """The last of equal codes, in the order of codes."""
    return [each for _, each in sorted({each.code: each for each in named}.items())]
