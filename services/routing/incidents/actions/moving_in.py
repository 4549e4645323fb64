"""Reports that have come into a confirmed incident: their assignments go to whom it belongs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, run
from services.routing.tables.incidents import Incident

AT_ONCE: Final = 500
_WAITING = """
SELECT s.region, s.assignment_id, r.incident_id FROM routing.incident_sign s
JOIN routing.incident_report r ON r.region = s.region AND r.assignment_id = s.assignment_id
WHERE s.to_move ORDER BY s.region, s.assignment_id LIMIT :limit
"""
_INCIDENTS = """
SELECT i.* FROM unnest(:regions::text[], :ids::uuid[]) AS k(region, id)
JOIN routing.incident i ON i.region = k.region AND i.id = k.id WHERE i.status = 'confirmed' ORDER BY i.region, i.id
"""
_DONE = """
UPDATE routing.incident_sign s SET to_move = false FROM unnest(:regions::text[], :ids::uuid[]) AS k(region, id)
WHERE s.region = k.region AND s.assignment_id = k.id
"""


@dataclass(frozen=True, slots=True)
class _Waiting:
    region: str
    assignment_id: UUID
    incident_id: UUID | None


async def move_in(session: AsyncSession) -> int:
    """Some of those that wait, after the matching, which locks no assignment; how many there were.

    Nothing is locked before the assignments are: moving twice is moving once.
    """
    waiting = await rows(session, _Waiting, _WAITING, limit=AT_ONCE)
    if not waiting:
        return 0
    assignments: dict[tuple[str, UUID], list[UUID]] = defaultdict(list)
    for each in waiting:
        if each.incident_id is not None:
            assignments[each.region, each.incident_id].append(each.assignment_id)
    asked = sorted(assignments)
    incidents = await rows(
        session, Incident, _INCIDENTS, regions=[region for region, _ in asked], ids=[id for _, id in asked]
    )
    for incident in incidents:
        await _joined_confirmed(session, incident, assignments[incident.region, incident.id])
    keys = [(each.region, each.assignment_id) for each in waiting]
    return await run(session, _DONE, regions=[region for region, _ in keys], ids=[id for _, id in keys])


async def _joined_confirmed(session: AsyncSession, incident: Incident, assignments: Sequence[UUID]) -> int:
    """How many moved."""
    return 0
