"""Where appeals are."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.security import Principal


async def find_regions(
    session: AsyncSession, principal: Principal, appeal_ids: Sequence[UUID]
) -> list[tuple[str, str]]:
    """(region, appeal id) of those appeals that are known here and within reach."""
    if not appeal_ids:
        return []
    rows = await session.execute(
        text(
            "SELECT region, appeal_id::text FROM sla.appeal "
            "WHERE region = ANY(CAST(:regions AS text[])) AND appeal_id = ANY(CAST(:ids AS uuid[])) "
            "AND removed_at IS NULL"
        ),
        {"regions": principal.regions_within(), "ids": list(appeal_ids)},
    )
    return [(row[0], row[1]) for row in rows]
