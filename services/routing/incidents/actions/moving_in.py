"""Reports that have come into a confirmed incident: their assignments go to its lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, run
from services.routing.incidents.actions.moving import move_to_lead
from services.routing.incidents.queries.incidents import read_incident

AT_ONCE: Final = 500
_WAITING = """
WITH waiting AS (
    SELECT s.region, s.assignment_id, r.incident_id FROM routing.incident_sign s
    JOIN routing.incident_report r ON r.region = s.region AND r.assignment_id = s.assignment_id
    WHERE s.to_move ORDER BY s.region, s.assignment_id LIMIT :limit
)
SELECT region, incident_id, array_agg(assignment_id ORDER BY assignment_id) AS assignments FROM waiting
GROUP BY 1, 2 ORDER BY 1, 2 LIMIT 1
"""
_DONE = """
UPDATE routing.incident_sign SET to_move = false WHERE region = :region AND assignment_id = ANY(:ids::uuid[])
"""


@dataclass(frozen=True, slots=True)
class _Waiting:
    region: str
    incident_id: UUID | None
    assignments: list[UUID]


async def move_in(session: AsyncSession) -> int:
    """Those of one incident, after the matching, which locks no assignment; how many there were.

    Nothing is locked before the assignments are: what two processes do at once is done once.
    """
    waiting = await row(session, _Waiting, _WAITING, limit=AT_ONCE)
    if waiting is None:
        return 0
    incident = (
        await read_incident(session, waiting.region, waiting.incident_id) if waiting.incident_id else None
    )
    if incident is not None:
        await move_to_lead(session, incident, waiting.assignments)
    return await run(session, _DONE, region=waiting.region, ids=waiting.assignments)
