"""The journal, as far as it is needed to undo an incident."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.routing.tables.incident_acts import IncidentStep
from services.routing.tables.incidents import Incident, IncidentStatus

_STEPS = """
SELECT * FROM routing.incident_step
WHERE region = :region AND assignment_id = ANY(:ids::uuid[]) AND NOT taken_back ORDER BY assignment_id, number DESC
"""
_INCIDENTS = "SELECT * FROM routing.incident WHERE region = :region AND id = ANY(:ids::uuid[]) ORDER BY id"
# Of those that were merged into it and have not come out again, how each was before.
_MERGED = """
SELECT i.id, m.status_before FROM routing.incident_act a
JOIN routing.incident i ON i.region = a.region AND i.id = a.other_id AND i.merged_into = a.incident_id
CROSS JOIN LATERAL (
    SELECT status_before FROM routing.incident_act m
    WHERE m.region = i.region AND m.incident_id = i.id AND m.act = 'merge' ORDER BY m.version DESC LIMIT 1
) AS m
WHERE a.region = :region AND a.incident_id = :id AND a.act = 'receive' ORDER BY i.id
"""


@dataclass(frozen=True, slots=True)
class _Merged:
    id: UUID
    status_before: IncidentStatus


async def read_steps(
    session: AsyncSession, region: str, assignments: Sequence[UUID]
) -> Mapping[UUID, list[IncidentStep]]:
    """Of each assignment its steps that were not taken back, the newest first."""
    found: defaultdict[UUID, list[IncidentStep]] = defaultdict(list)
    for step in await rows(session, IncidentStep, _STEPS, region=region, ids=assignments):
        found[step.assignment_id].append(step)
    return found


async def read_merged(session: AsyncSession, incident: Incident) -> dict[UUID, IncidentStatus]:
    """Incidents whose appeals are in this one because they were merged into it, and what they were before."""
    merged = await rows(session, _Merged, _MERGED, region=incident.region, id=incident.id)
    return {each.id: each.status_before for each in merged}


async def read_with_followers(
    session: AsyncSession, region: str, ids: Iterable[UUID]
) -> dict[UUID, Incident]:
    """Incidents, and those into which they were merged, and so on."""
    found: dict[UUID, Incident] = {}
    wanted = set(ids)
    while wanted:
        more = await rows(session, Incident, _INCIDENTS, region=region, ids=sorted(wanted))
        found |= {each.id: each for each in more}
        wanted = {each.merged_into for each in more if each.merged_into} - found.keys()
    return found
