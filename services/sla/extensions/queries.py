"""Requests for more days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.pages import merge_ranges
from services.sla import tables
from services.sla.extensions.schemas import Extension, show_extension
from services.sla.tables import EXTENSION_WORDS, PENDING

Status = Literal["pending", "decided"]
_WHERE: Final = {"pending": PENDING, "decided": "decision IS NOT NULL"}
_REGIONS: Final = "unnest(CAST(:regions AS text[])) AS r(region)"
_ORDER: Final = "requested_at, extension_id"
_BEGINNING: Final = ("1900-01-01T00:00:00+00:00", str(UUID(int=0)))


@dataclass(frozen=True, slots=True)
class _Listed(tables.Extension):
    """A request; `masked`: the organisation's reason, once intake has masked it."""

    masked: str | None


async def list_extensions(
    session: AsyncSession,
    regions: Sequence[str],
    status: Status | None,
    after: Sequence[Any] | None,
    limit: int,
) -> tuple[list[Extension], list[Any] | None]:
    """Oldest first, and the sort values of the last when there may be more."""
    at, last_id = after or _BEGINNING
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
    found = await rows(
        session,
        _Listed,
        "SELECT h.*, m.reason AS masked FROM ("
        + " UNION ALL ".join(f"({half})" for half in halves)
        + ") AS h LEFT JOIN sla.extension_reason m USING (region, extension_id) "
        f"ORDER BY {_ORDER} LIMIT :limit",
        regions=list(regions),
        at=datetime.fromisoformat(at),
        last_id=last_id,
        limit=limit + 1,
    )
    page = found[:limit]
    last = page[-1] if len(found) > limit else None
    following = [last.requested_at.isoformat(), str(last.extension_id)] if last else None
    return [
        show_extension(each, EXTENSION_WORDS.show(session, each), each.masked) for each in page
    ], following
