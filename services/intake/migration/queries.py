"""Imports as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.db import row, rows, scalar
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound
from services.intake.migration.schemas import ImportPage, ImportStatus, ImportView

_ORDER: Final[Sequence[ImportStatus]] = ("undoing", "refused", "taken_over", "undone")
_READ = """
SELECT id, min(began_at) AS began_at, sum(cases) AS cases, sum(removed) AS removed, sum(kept) AS kept,
    sum(worked_on) AS worked_on, array_agg(region ORDER BY region) AS regions, array_agg(status) AS statuses,
    array_agg(array_to_string(worked_on_numbers, ',')) AS numbers
FROM intake.past_import WHERE region = ANY(:regions) AND {which} GROUP BY id ORDER BY id DESC LIMIT :limit
"""
_ONE = _READ.format(which="id = :id")
_OLDER = _READ.format(which="(:before::uuid IS NULL OR id < :before::uuid)")


@dataclass(frozen=True, slots=True)
class _Import:
    """An import over all regions within reach."""

    id: UUID
    began_at: datetime
    cases: int
    removed: int
    kept: int
    worked_on: int
    regions: list[str]
    statuses: list[ImportStatus]
    numbers: list[str]

    def view(self) -> ImportView:
        return ImportView(
            id=self.id,
            regions=self.regions,
            began_at=self.began_at,
            cases=self.cases,
            removed=self.removed,
            kept=self.kept,
            status=next(status for status in _ORDER if status in self.statuses),
            worked_on=self.worked_on,
            worked_on_numbers=[number for number in ",".join(self.numbers).split(",") if number],
        )


async def read_import(session: AsyncSession, principal: Principal, import_id: UUID) -> ImportView:
    """One import, as far as it lies within reach; 404 when nothing of it does."""
    found = await row(session, _Import, _ONE, regions=principal.regions_within(), id=import_id, limit=1)
    if found is None:
        raise NotFound
    return found.view()


async def list_imports(
    session: AsyncSession, principal: Principal, cursors: Cursors, cursor: str, limit: int
) -> ImportPage:
    """The newest first."""
    position = cursors.decode("imports", cursor)
    before = UUID(position[0]) if position else None
    found = await rows(
        session, _Import, _OLDER, regions=principal.regions_within(), before=before, limit=limit + 1
    )
    items = [each.view() for each in found[:limit]]
    more = len(found) > limit
    return ImportPage(items=items, next_cursor=cursors.encode("imports", str(items[-1].id)) if more else None)


async def require_taking_over(session: AsyncSession, import_id: UUID) -> None:
    """409 for an import that was taken back, or is about to be: more under its name would vanish as well."""
    undone = await scalar(
        session,
        int,
        "SELECT count(*) FROM intake.past_import WHERE id = :id AND status IN ('undoing', 'undone')",
        id=import_id,
    )
    if undone:
        raise NotAllowedNow("This import was taken back; import under another import_id.")
