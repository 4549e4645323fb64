"""The feed of breaches and escalations: nothing is ever skipped, whatever the order of commits (see `chassis.feeds`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.feeds import Place, read_generations, settled
from services.sla.escalation.schemas import Escalation
from services.sla.tables import NOBODY


async def read_escalations(
    session: AsyncSession,
    regions: Sequence[str],
    organisation: UUID | None,
    after: Sequence[Any] | None,
    limit: int,
) -> tuple[list[Escalation], Place]:
    """What came after a position, oldest first, and the new position. No regions: nothing."""
    generations = await read_generations(session, "sla")
    place = generations.resume(Place(*(after or ())))
    mine = "AND f.organisation_id = :organisation " if organisation else ""
    rows = await session.execute(
        text(
            "SELECT e.* FROM unnest(CAST(:regions AS text[])) AS r(region) CROSS JOIN LATERAL ("
            "SELECT f.* FROM sla.firing f WHERE f.region = r.region AND f.kind <> 'reminder' "
            f"{mine}AND (f.xid, f.position) > (:xid, :position) "
            f"AND f.xid < {settled('sla')} "
            "ORDER BY f.xid, f.position LIMIT :limit) AS e ORDER BY e.xid, e.position LIMIT :limit"
        ),
        {
            "regions": list(regions),
            "xid": place.xid,
            "position": place.position,
            "limit": limit,
            **({"organisation": organisation} if organisation else {}),
        },
    )
    found = list(rows.mappings())
    if found:
        place = generations.place_after(found[-1]["xid"], found[-1]["position"])
    return [_show(dict(row)) for row in found], place


def _show(row: dict[str, Any]) -> Escalation:
    if row["assignment_id"] == NOBODY:
        row["assignment_id"] = None
    return Escalation.model_validate(row)
