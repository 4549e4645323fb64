"""Requests for more days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.sla.models.tables import EXTENSION_WORDS
from services.sla.schemas.extensions import Extension

Status = Literal["pending", "decided"]
_WHERE: Final = {None: "true", "pending": "e.decision IS NULL", "decided": "e.decision IS NOT NULL"}


async def list_extensions(
    session: AsyncSession,
    regions: Sequence[str],
    status: Status | None,
    after: Sequence[Any] | None,
    limit: int,
) -> tuple[list[Extension], list[Any] | None]:
    """Oldest first, and the sort values of the last when there may be more."""
    at, last_id = after or ("1900-01-01T00:00:00+00:00", str(UUID(int=0)))
    rows = await session.execute(
        text(
            "SELECT f.* FROM unnest(CAST(:regions AS text[])) AS r(region) CROSS JOIN LATERAL ("
            "SELECT e.*, e.extension_id AS id, m.reason AS masked FROM sla.extension e "
            "LEFT JOIN sla.extension_reason m USING (region, extension_id) WHERE e.region = r.region "
            f"AND {_WHERE[status]} AND (e.requested_at, e.extension_id) > (:at, CAST(:last_id AS uuid)) "
            "ORDER BY e.requested_at, e.extension_id LIMIT :limit) AS f "
            "ORDER BY f.requested_at, f.extension_id LIMIT :limit"
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
