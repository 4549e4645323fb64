"""Requests for more days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import merge_ranges
from services.sla.extensions.schemas import Extension
from services.sla.tables import EXTENSION_WORDS

Status = Literal["pending", "decided"]
_WHERE: Final = {"pending": "e.decision IS NULL", "decided": "e.decision IS NOT NULL"}
_REGIONS: Final = "unnest(CAST(:regions AS text[])) AS r(region)"
_ORDER: Final = "requested_at, extension_id"


async def list_extensions(
    session: AsyncSession,
    regions: Sequence[str],
    status: Status | None,
    after: Sequence[Any] | None,
    limit: int,
) -> tuple[list[Extension], list[Any] | None]:
    """Oldest first, and the sort values of the last when there may be more."""
    at, last_id = after or ("1900-01-01T00:00:00+00:00", str(UUID(int=0)))
    halves = [
        merge_ranges(
            _REGIONS,
            f"SELECT e.* FROM sla.extension e WHERE e.region = r.region AND {condition} "
            "AND (e.requested_at, e.extension_id) > (:at, CAST(:last_id AS uuid))",
            _ORDER,
        )
        for name, condition in _WHERE.items()
        if status in (None, name)
    ]
    rows = await session.execute(
        text(
            "SELECT h.*, h.extension_id AS id, m.reason AS masked FROM ("
            + " UNION ALL ".join(f"({half})" for half in halves)
            + ") AS h LEFT JOIN sla.extension_reason m USING (region, extension_id) "
            f"ORDER BY {_ORDER} LIMIT :limit"
        ),
        {
            "regions": list(regions),
            "at": datetime.fromisoformat(at),
            "last_id": last_id,
            "limit": limit + 1,
        },
    )
    found = [_show(session, row) for row in rows.mappings()]
    page = found[:limit]
    more = [page[-1].requested_at.isoformat(), str(page[-1].id)] if len(found) > limit else None
    return page, more


def _show(session: AsyncSession, row: RowMapping) -> Extension:
    """The body's reason is intake's to mask: until that has come it is empty."""
    words = EXTENSION_WORDS.show(session, row)
    return Extension.model_validate({**row, **words, "reason": row["masked"] or words["reason"]})
