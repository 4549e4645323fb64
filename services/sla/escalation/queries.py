"""The feed of breaches and escalations: nothing is ever skipped, whatever the order of commits (see
`chassis.feeds`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.feeds import FeedPlace, read_generations, settled
from services.sla.escalation.schemas import Escalation

_FEED = f"""
SELECT e.region, e.appeal_id, nullif(e.assignment_id, '00000000-0000-0000-0000-000000000000') AS assignment_id,
    e.organisation_id, e.clock, e.cycle, e.kind, e.level, e.repeat, e.recipient AS whom, e.due_at, e.due_for_firing_at,
    e.fired_at, e.withdrawn_at, e.xid, e.position
FROM unnest(CAST(:regions AS text[])) AS r(region) CROSS JOIN LATERAL (
    SELECT f.* FROM sla.firing f WHERE f.region = r.region AND f.kind <> 'reminder' {{mine}}
    AND (f.xid, f.position) > (:xid, :position) AND f.xid < {settled("sla")}
    ORDER BY f.xid, f.position LIMIT :limit
) AS e ORDER BY e.xid, e.position LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class _Firing:
    region: str
    appeal_id: UUID
    assignment_id: UUID | None
    organisation_id: UUID | None
    clock: str
    cycle: int
    kind: str
    level: int
    repeat: int
    whom: str
    due_at: datetime
    due_for_firing_at: datetime
    fired_at: datetime
    withdrawn_at: datetime | None
    xid: int
    position: int


async def read_escalations(
    session: AsyncSession,
    regions: Sequence[str],
    organisation: UUID | None,
    after: Sequence[Any] | None,
    limit: int,
) -> tuple[list[Escalation], FeedPlace]:
    """What came after a position, oldest first, and the new position. No regions: nothing."""
    generations = await read_generations(session, "sla")
    place = generations.resume(FeedPlace(*(after or ())))
    narrowed = {"organisation": organisation} if organisation else {}
    found = await rows(
        session,
        _Firing,
        _FEED.format(mine="AND f.organisation_id = :organisation" if organisation else ""),
        regions=list(regions),
        xid=place.xid,
        position=place.position,
        limit=limit,
        **narrowed,
    )
    if found:
        place = generations.place_after(found[-1].xid, found[-1].position)
    return [Escalation.model_validate(each, from_attributes=True) for each in found], place
