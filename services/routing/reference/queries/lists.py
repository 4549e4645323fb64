"""Topics, organisations, rules and settings of regions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.problems import NotFound
from chassis.security import Principal
from services.routing.reference.queries.cache import books_of
from services.routing.assignments.schemas.assignments import name_organisation
from services.routing.reference.schemas.reference import (
    OrganisationPage,
    OrganisationView,
    RoutingSettings,
    TopicPage,
    TopicView,
)
from services.routing.reference.schemas.rules import RulePage, RuleView

_TOPICS = """
SELECT t.region, t.code, t.name, t.group_code AS "group", coalesce(g.name, t.group_code) AS group_name,
    t.active, t.version
FROM routing.topic t LEFT JOIN routing.topic_group g ON g.region = t.region AND g.code = t.group_code
WHERE t.region = ANY(:regions) AND (t.active OR :inactive) AND (t.region, t.code) > (:after_region, :after)
ORDER BY t.region, t.code LIMIT :limit
"""
_ORGANISATIONS = """
SELECT * FROM routing.organisation
WHERE region = ANY(:regions) AND (active OR :inactive) AND (region, code) > (:after_region, :after)
ORDER BY region, code LIMIT :limit
"""
_RULES = """
SELECT id, region, topic, group_code AS "group", municipality, organisation_id, role, comment, active, version
FROM routing.rule
WHERE region = ANY(:regions) AND (active OR :inactive) AND (region, id) > (:after_region, CAST(:after AS uuid))
    AND (CAST(:topic AS text) IS NULL OR topic = :topic)
    AND (CAST(:organisation AS uuid) IS NULL OR organisation_id = :organisation)
ORDER BY region, id LIMIT :limit
"""


async def _page(
    session: AsyncSession,
    cursors: Cursors,
    kind: str,
    sql: str,
    parameters: dict[str, Any],
    cursor: str,
    limit: int,
    key: str,
    start: Any = "",
) -> tuple[list[RowMapping], str | None]:
    """Rows after the cursor in the order of (region, key), and the next cursor if there are more."""
    position = cursors.decode(kind, cursor) or ["", start]
    after = UUID(position[1]) if key == "id" and isinstance(position[1], str) else position[1]
    found = await session.execute(
        text(sql), {**parameters, "after_region": position[0], "after": after, "limit": limit + 1}
    )
    rows = list(found.mappings())
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], cursors.encode(kind, last["region"], str(last[key]))


async def list_topics(
    session: AsyncSession,
    principal: Principal,
    cursors: Cursors,
    region: str | None,
    inactive: bool,
    cursor: str,
    limit: int,
) -> TopicPage:
    """Topics by region and code."""
    parameters = {"regions": principal.regions_within(region), "inactive": inactive}
    rows, following = await _page(session, cursors, "topics", _TOPICS, parameters, cursor, limit, "code")
    return TopicPage(items=[TopicView.model_validate(dict(row)) for row in rows], next_cursor=following)


async def list_organisations(
    session: AsyncSession,
    principal: Principal,
    cursors: Cursors,
    region: str | None,
    inactive: bool,
    cursor: str,
    limit: int,
) -> OrganisationPage:
    """Organisations by region and code."""
    parameters = {"regions": principal.regions_within(region), "inactive": inactive}
    rows, following = await _page(
        session, cursors, "organisations", _ORGANISATIONS, parameters, cursor, limit, "code"
    )
    items = [OrganisationView.model_validate(dict(row)) for row in rows]
    return OrganisationPage(items=items, next_cursor=following)


async def read_organisation(
    session: AsyncSession, principal: Principal, organisation_id: UUID
) -> OrganisationView:
    """One organisation; 404 when it is not within reach."""
    found = await session.execute(
        text("SELECT * FROM routing.organisation WHERE region = ANY(:regions) AND id = :id"),
        {"regions": principal.regions_within(), "id": organisation_id},
    )
    row = found.mappings().first()
    if row is None:
        raise NotFound
    return OrganisationView.model_validate(dict(row))


async def list_rules(
    session: AsyncSession,
    principal: Principal,
    cursors: Cursors,
    region: str | None,
    narrowed: dict[str, Any],
    cursor: str,
    limit: int,
) -> RulePage:
    """Competence rules by region and age; `narrowed`: inactive, topic, organisation."""
    parameters = {"regions": principal.regions_within(region), **narrowed}
    rows, following = await _page(
        session, cursors, "rules", _RULES, parameters, cursor, limit, "id", UUID(int=0)
    )
    books = await books_of(session).read(session, (row["region"] for row in rows))
    items = [
        RuleView.model_validate(
            {**row, "organisation": name_organisation(books[row["region"]], row["organisation_id"])}
        )
        for row in rows
    ]
    return RulePage(items=items, next_cursor=following)


async def read_settings(session: AsyncSession, region: str) -> RoutingSettings:
    """What is in force; the defaults when nothing was set."""
    found = await session.execute(
        text("SELECT settings, version FROM routing.setting WHERE region = :region"), {"region": region}
    )
    row = found.mappings().first()
    if row is None:
        return RoutingSettings(region=region, version=0)
    return RoutingSettings(**row["settings"], region=region, version=row["version"])
