"""Appeals of an incident that its answer has not come to yet."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, scalar
from services.routing.assignments.rules.statuses import Status
from services.routing.tables.incident_acts import IncidentAnswer
from services.routing.tables.incidents import Incident

_WAITING = """
FROM routing.incident_report r JOIN routing.assignment a ON a.region = r.region AND a.id = r.assignment_id
WHERE r.region = :region AND r.incident_id = :incident AND a.status = ANY(:statuses::text[])
    AND NOT EXISTS (
        SELECT FROM routing.incident_reply p
        WHERE p.region = r.region AND p.incident_id = r.incident_id AND p.assignment_id = r.assignment_id
    )
"""
_COUNT = f"SELECT count(*) {_WAITING}"
_NEXT = f"SELECT r.assignment_id {_WAITING} {{after}} ORDER BY r.received_at, r.assignment_id LIMIT :limit"
_AFTER = "AND (r.received_at, r.assignment_id) > (:passed_at, :passed_id)"


async def count_waiting(session: AsyncSession, incident: Incident, statuses: Iterable[Status]) -> int:
    """How many there are in these statuses."""
    counted = await scalar(
        session, int, _COUNT, region=incident.region, incident=incident.id, statuses=sorted(statuses)
    )
    return counted or 0


async def next_waiting(
    session: AsyncSession, given: IncidentAnswer, statuses: Iterable[Status], limit: int
) -> list[UUID]:
    """The next of them, in the order in which they were received, from where the present pass has come to."""
    return await column(
        session,
        UUID,
        _NEXT.format(after=_AFTER if given.passed_id else ""),
        region=given.region,
        incident=given.incident_id,
        statuses=sorted(statuses),
        passed_at=given.passed_at,
        passed_id=given.passed_id,
        limit=limit,
    )
