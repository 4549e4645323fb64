"""Imports as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.problems import NotAllowedNow, NotFound
from chassis.security import Principal
from services.intake.migration.schemas import ImportPage, ImportStatus, ImportView

_ORDER: Sequence[ImportStatus] = ("undoing", "refused", "taken_over", "undone")
_READ = """
SELECT id, min(began_at) AS began_at, sum(cases) AS cases, sum(removed) AS removed, sum(kept) AS kept,
    sum(worked_on) AS worked_on, array_agg(region ORDER BY region) AS regions, array_agg(status) AS statuses,
    array_agg(array_to_string(worked_on_numbers, ',')) AS numbers
FROM intake.past_import WHERE region = ANY(:regions) AND {which} GROUP BY id ORDER BY id DESC LIMIT :limit
"""


async def read_import(session: AsyncSession, principal: Principal, import_id: UUID) -> ImportView:
    """One import, as far as it lies within reach; 404 when nothing of it does."""
    found = await session.execute(
        text(_READ.format(which="id = :id")),
        {"regions": principal.regions_within(), "id": import_id, "limit": 1},
    )
    row = found.first()
    if row is None:
        raise NotFound
    return _view(row)


async def list_imports(
    session: AsyncSession, principal: Principal, cursors: Cursors, cursor: str, limit: int
) -> ImportPage:
    """The newest first."""
    position = cursors.decode("imports", cursor)
    found = await session.execute(
        text(_READ.format(which="(CAST(:before AS uuid) IS NULL OR id < CAST(:before AS uuid))")),
        {
            "regions": principal.regions_within(),
            "before": UUID(position[0]) if position else None,
            "limit": limit + 1,
        },
    )
    items = [_view(row) for row in found]
    more = len(items) > limit
    following = cursors.encode("imports", str(items[limit - 1].id)) if more else None
    return ImportPage(items=items[:limit], next_cursor=following)


async def require_taking_over(session: AsyncSession, import_id: UUID) -> None:
    """409 for an import that was taken back, or is about to be: more under its name would vanish as well."""
    undone = await session.scalar(
        text("SELECT count(*) FROM intake.past_import WHERE id = :id AND status IN ('undoing', 'undone')"),
        {"id": import_id},
    )
    if undone:
        raise NotAllowedNow("This import was taken back; import under another import_id.")


def _view(row: Row[Any]) -> ImportView:
    return ImportView(
        id=row.id,
        regions=row.regions,
        began_at=row.began_at,
        cases=row.cases,
        removed=row.removed,
        kept=row.kept,
        status=next(status for status in _ORDER if status in row.statuses),
        worked_on=row.worked_on,
        worked_on_numbers=[number for numbers in row.numbers for number in numbers.split(",") if number],
    )
