"""A region's reference data in memory, renewed when its version has moved: one cheap read per batch or request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db.driver import fetch
from services.routing.rules.books import RegionBook, RegionSettings, Topic, make_book
from services.routing.rules.competence import Body, Rule

_TOPICS = """
SELECT t.code, t.name, t.group_code AS "group", coalesce(g.name, t.group_code) AS group_name, t.active
FROM routing.topic t LEFT JOIN routing.topic_group g ON g.region = t.region AND g.code = t.group_code
WHERE t.region = :region
"""
_GROUPS = "SELECT code FROM routing.topic_group WHERE region = :region"
_BODIES = "SELECT id, name, kind, parent_id, active FROM routing.organisation WHERE region = :region"
_STEMS = "SELECT oktmo, stems FROM routing.municipality WHERE region = :region"
_RULES = """
SELECT id, organisation_id, topic, group_code AS "group", municipality, role, comment
FROM routing.rule WHERE region = :region AND active
"""
_SETTINGS = "SELECT settings FROM routing.setting WHERE region = :region"
_VERSIONS = "SELECT region, version FROM routing.reference_version WHERE region = ANY($1::text[])"


class Books:
    """The books of all regions this process has met."""

    def __init__(self) -> None:
        self._known: dict[str, RegionBook] = {}
        self._regions: dict[UUID, str] = {}

    async def read(self, session: AsyncSession, regions: Iterable[str]) -> dict[str, RegionBook]:
        """Books of the regions, each at least as new as this call.

        Not for a transaction that changes reference data itself: what it undoes would stay in memory.
        """
        wanted = sorted(set(regions))
        versions = dict.fromkeys(wanted, 0)
        for row in await fetch(session, _VERSIONS, wanted):
            versions[row.region] = row.version
        for region, version in versions.items():
            known = self._known.get(region)
            if known is None or known.version != version:
                self._known[region] = await load_book(session, region, version)
        return {region: self._known[region] for region in wanted}

    async def region_of(self, session: AsyncSession, organisation_id: UUID) -> str | None:
        """The region of a body; it never changes."""
        known = self._regions.get(organisation_id)
        if known is None:
            known = await session.scalar(
                text("SELECT region FROM routing.organisation WHERE id = :id"), {"id": organisation_id}
            )
            if known is not None:
                self._regions[organisation_id] = known
        return known


async def load_book(session: AsyncSession, region: str, version: int) -> RegionBook:
    """Read a region's reference data, past the memory."""

    async def rows(sql: str) -> list[RowMapping]:
        return list((await session.execute(text(sql), {"region": region})).mappings())

    settings: dict[str, Any] = await session.scalar(text(_SETTINGS), {"region": region}) or {}
    return make_book(
        region,
        version,
        topics=[Topic(**row) for row in await rows(_TOPICS)],
        groups=[row["code"] for row in await rows(_GROUPS)],
        bodies=[Body(**row) for row in await rows(_BODIES)],
        stems=[(row["oktmo"], row["stems"]) for row in await rows(_STEMS)],
        rules=[Rule(**row) for row in await rows(_RULES)],
        settings=RegionSettings(**settings),
    )
