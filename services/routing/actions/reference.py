"""A region's reference data, set-wise and by codes: only what really differs gets a new version and an event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows
from chassis.db.driver import Row as DatabaseRow
from chassis.outbox import emit
from chassis.problems import Unprocessable
from contracts.event import Event
from contracts.routing import OrganisationChanged, TopicChanged
from services.routing.models.tables import municipality, organisation, rule, topic, topic_group
from services.routing.rules.books import organisation_id_of, topic_id_of
from services.routing.schemas.reference import (
    GroupRow,
    OrganisationRow,
    Reference,
    ReferenceLoaded,
    TopicRow,
)

Row = dict[str, Any]
ERRORS_SHOWN = 50
_RULE_KEY = "region, topic, group_code, municipality, organisation_id, role"


async def lock_reference(session: AsyncSession, region: str) -> int:
    """Writers of a region take turns; returns the version before the change."""
    version = await session.scalar(
        text(
            "INSERT INTO routing.reference_version (region, version) VALUES (:region, 0) "
            "ON CONFLICT (region) DO UPDATE SET version = reference_version.version RETURNING version"
        ),
        {"region": region},
    )
    return int(version or 0)


async def bump_reference(session: AsyncSession, region: str) -> int:
    """Make every process read the region's reference data anew."""
    version = await session.scalar(
        text(
            "UPDATE routing.reference_version SET version = version + 1 WHERE region = :region RETURNING version"
        ),
        {"region": region},
    )
    return int(version or 0)


def on_change(table: str, key: str, columns: Sequence[str]) -> str:
    """ON CONFLICT: update and raise the version, but only when one of the columns differs."""
    new = ", ".join(f"excluded.{column}" for column in columns)
    old = ", ".join(f"{table}.{column}" for column in columns)
    setters = ", ".join(f"{column} = excluded.{column}" for column in columns)
    return (
        f"({key}) DO UPDATE SET {setters}, version = {table}.version + 1 "
        f"WHERE ROW({old}) IS DISTINCT FROM ROW({new})"
    )


async def load_reference(session: AsyncSession, region: str, body: Reference) -> ReferenceLoaded:
    """Create or change everything that is named; the same body again changes nothing."""
    version = await lock_reference(session, region)
    await require_known(session, region, body)
    changed_topics = await put_topics(session, region, body.groups, body.topics)
    changed_organisations = await put_organisations(session, region, body.organisations)
    places = await _put_municipalities(session, region, body)
    rules = await _put_rules(session, region, body)
    counts = {
        "topics": len(changed_topics),
        "organisations": len(changed_organisations),
        "municipalities": places,
        "rules": rules,
    }
    if any(counts.values()):
        version = await bump_reference(session, region)
    await emit(session, *changed_topics, *changed_organisations)
    return ReferenceLoaded(
        region=region,
        version=version,
        groups=len(body.groups),
        topics=len(body.topics),
        municipalities=len(body.municipalities),
        rules=len(body.rules),
        changed=counts,
        organisations={row.code: organisation_id_of(region, row.code) for row in body.organisations},
    )


async def put_topics(
    session: AsyncSession, region: str, groups: Sequence[GroupRow], topics: Sequence[TopicRow]
) -> list[TopicChanged]:
    """Upsert; a renamed group changes its topics. Returns the events of what changed."""
    renamed = await insert_rows(
        session,
        topic_group,
        [{"region": region, "code": row.code, "name": row.name} for row in _by_code(groups)],
        on_conflict="(region, code) DO UPDATE SET name = excluded.name WHERE topic_group.name <> excluded.name",
        returning="code",
    )
    rows = [
        {"region": region, "code": row.code, "name": row.name, "group_code": row.group, "active": row.active}
        for row in _by_code(topics)
    ]
    columns = ("name", "group_code", "active")
    returned = await insert_rows(
        session,
        topic,
        rows,
        on_conflict=on_change("topic", "region, code", columns),
        returning="code",
    )
    direct = [row.code for row in returned]
    found = await session.execute(
        text(
            "WITH touched AS (UPDATE routing.topic SET version = version + 1 WHERE region = :region "
            "AND group_code = ANY(:groups) AND code <> ALL(:direct) RETURNING *), "
            "changed AS (SELECT * FROM touched UNION ALL "
            "SELECT * FROM routing.topic WHERE region = :region AND code = ANY(:direct)) "
            "SELECT c.*, coalesce(g.name, c.group_code) AS group_name FROM changed c "
            "LEFT JOIN routing.topic_group g ON g.region = c.region AND g.code = c.group_code ORDER BY c.code"
        ),
        {"region": region, "groups": [row.code for row in renamed], "direct": direct},
    )
    return [_topic_changed(row) for row in found.mappings()]


def _topic_changed(row: RowMapping) -> TopicChanged:
    return TopicChanged(
        region=row["region"],
        sequence=row["version"],
        topic_id=topic_id_of(row["region"], row["code"]),
        code=row["code"],
        name=row["name"],
        group=row["group_code"],
        group_name=row["group_name"],
        active=row["active"],
    )


async def put_organisations(
    session: AsyncSession, region: str, organisations: Sequence[OrganisationRow], *, active: bool = True
) -> list[Event]:
    """Upsert; returns the events of what changed."""
    rows = [
        {
            "region": region,
            "id": organisation_id_of(region, row.code),
            "code": row.code,
            "name": row.name,
            "kind": row.kind,
            "parent_id": organisation_id_of(region, row.parent) if row.parent else None,
            "municipality": row.municipality,
            "active": active,
        }
        for row in _by_code(organisations)
    ]
    columns = ("name", "kind", "parent_id", "municipality", "active")
    returned = await insert_rows(
        session,
        organisation,
        rows,
        on_conflict=on_change("organisation", "region, id", columns),
        returning="*",
    )
    return [organisation_changed(row) for row in returned]


def organisation_changed(row: DatabaseRow | RowMapping) -> Event:
    """The event with an organisation's full state."""
    return OrganisationChanged(
        region=row["region"],
        sequence=row["version"],
        organisation_id=row["id"],
        code=row["code"],
        name=row["name"],
        kind=row["kind"],
        parent_id=row["parent_id"],
        municipality=row["municipality"],
        active=row["active"],
    )


async def _put_municipalities(session: AsyncSession, region: str, body: Reference) -> int:
    by_code = {row.oktmo: row for row in body.municipalities}
    rows = [
        {
            "region": region,
            "oktmo": row.oktmo,
            "name": row.name,
            "kind": row.kind,
            "stems": [stem for stem in row.stems if stem.strip()],
        }
        for row in by_code.values()
    ]
    returned = await insert_rows(
        session,
        municipality,
        rows,
        on_conflict="(region, oktmo) DO UPDATE SET name = excluded.name, kind = excluded.kind, "
        "stems = excluded.stems WHERE ROW(municipality.name, municipality.kind, municipality.stems) "
        "IS DISTINCT FROM ROW(excluded.name, excluded.kind, excluded.stems)",
        returning="oktmo",
    )
    return len(returned)


async def _put_rules(session: AsyncSession, region: str, body: Reference) -> int:
    by_key: dict[tuple[str | None, ...], Row] = {}
    for row in body.rules:
        key = (row.topic, row.group, row.municipality, row.organisation, row.role)
        by_key[key] = {
            "region": region,
            "id": uuid7(),
            "topic": row.topic,
            "group_code": row.group,
            "municipality": row.municipality,
            "organisation_id": organisation_id_of(region, row.organisation),
            "role": row.role,
            "comment": row.comment,
            "active": True,
        }
    returned = await insert_rows(
        session,
        rule,
        list(by_key.values()),
        on_conflict=on_change("rule", _RULE_KEY, ("comment", "active")),
        returning="id",
    )
    return len(returned)


def _by_code(rows: Sequence[Any]) -> Iterable[Any]:
    """The last of equal codes, in the order of codes."""
    return [row for _, row in sorted({row.code: row for row in rows}.items())]


async def require_known(
    session: AsyncSession, region: str, body: Reference, topics_at: str = "/topics"
) -> None:
    """422 with pointers when a group, topic, parent or body is neither stored nor named in the same request."""
    found = await session.execute(
        text(
            "SELECT 'group' AS kind, code FROM routing.topic_group WHERE region = :region UNION ALL "
            "SELECT 'topic', code FROM routing.topic WHERE region = :region UNION ALL "
            "SELECT 'organisation', code FROM routing.organisation WHERE region = :region"
        ),
        {"region": region},
    )
    known = {(kind, code) for kind, code in found}
    known |= {("group", row.code) for row in body.groups}
    known |= {("topic", row.code) for row in body.topics}
    known |= {("organisation", row.code) for row in body.organisations}
    used: list[tuple[str, str, str | None]] = [
        *((f"{topics_at}/{n}/group", "group", row.group) for n, row in enumerate(body.topics)),
        *((f"/organisations/{n}/parent", "organisation", r.parent) for n, r in enumerate(body.organisations)),
        *((f"/rules/{n}/topic", "topic", row.topic) for n, row in enumerate(body.rules)),
        *((f"/rules/{n}/group", "group", row.group) for n, row in enumerate(body.rules)),
        *((f"/rules/{n}/organisation", "organisation", r.organisation) for n, r in enumerate(body.rules)),
    ]
    errors = [
        {"pointer": pointer, "message": f"there is no {kind} with this code"}
        for pointer, kind, code in used
        if code is not None and (kind, code) not in known
    ]
    if errors:
        raise Unprocessable("See errors.", errors=errors[:ERRORS_SHOWN])
