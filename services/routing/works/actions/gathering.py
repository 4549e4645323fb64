"""The incident of a planned work: it gathers the appeals that its notice answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, insert_returning, rows, run
from services.routing.incidents.actions.announcing import announce
from services.routing.incidents.actions.locking import lock_incidents
from services.routing.reference.rules.areas import make_area
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.works import find_settlement, polygons_of
from services.routing.tables.incidents import Incident, IncidentReport, incident_report
from services.routing.tables.works import PlannedWork

_OPEN = """
INSERT INTO routing.incident (region, id, status, topic, title, started_at, last_at, municipality, settlement, street,
    lat, lon, radius_m, appeals, organisation_id, work_id, touched)
VALUES (:region, :id, 'confirmed', :topic, :title, :started_at, :started_at, :municipality, :settlement, :street,
    :lat, :lon, :radius_m, 0, :organisation, :work, true)
RETURNING *
"""
_RENEW = """
UPDATE routing.incident SET status = CASE WHEN :open THEN 'confirmed' ELSE 'closed' END, topic = :topic, title = :title,
    started_at = :started_at, last_at = greatest(last_at, :started_at), municipality = :municipality,
    settlement = :settlement, street = :street, lat = :lat, lon = :lon, radius_m = :radius_m,
    organisation_id = :organisation, version = version + 1
WHERE region = :region AND id = :id RETURNING *
"""
_CLOSE = """
UPDATE routing.incident SET status = :status, version = version + 1
WHERE region = :region AND id = ANY(:ids::uuid[]) AND status = 'confirmed' RETURNING *
"""
# In the order of their keys, and before what is joined to them.
_LOCK = """
SELECT id FROM routing.incident WHERE region = :region AND id = ANY(:ids::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
_GROW = """
UPDATE routing.incident AS i SET appeals = i.appeals + g.more, last_at = greatest(i.last_at, g.last_at),
    version = i.version + 1
FROM (
    SELECT n.id, count(*)::int AS more, max(n.received_at) AS last_at
    FROM unnest(:ids::uuid[], :moments::timestamptz[]) AS n(id, received_at) GROUP BY n.id
) g
WHERE i.region = :region AND i.id = g.id RETURNING i.*
"""
_OVER: Final = """
SELECT id, incident_id FROM routing.planned_work
WHERE region = :region AND gathering AND ends_at < now() ORDER BY id LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED
"""
_REGIONS_OVER: Final = """
SELECT DISTINCT region FROM routing.planned_work WHERE gathering AND ends_at < now() ORDER BY region
"""
_GATHERED: Final = """
UPDATE routing.planned_work SET gathering = false WHERE region = :region AND id = ANY(:ids::uuid[])
"""


@dataclass(frozen=True, slots=True)
class Gathered:
    """An assignment that tells of a work."""

    assignment_id: UUID
    appeal_id: UUID
    received_at: datetime
    incident_id: UUID


@dataclass(frozen=True, slots=True)
class _Over:
    id: UUID
    incident_id: UUID


@dataclass(frozen=True, slots=True)
class _Joined:
    incident_id: UUID
    received_at: datetime


async def open_incident(session: AsyncSession, work: PlannedWork, reference: RegionReference) -> None:
    """With the work itself: confirmed by whoever announced it, so that no rule touches it."""
    await _write(session, _OPEN, work=work.id, **_stated(work, reference))


async def renew_incident(session: AsyncSession, work: PlannedWork, reference: RegionReference) -> None:
    """As the work is now; one that goes on after it was over gathers again."""
    await lock_incidents(session, work.region)
    await _write(session, _RENEW, open=work.gathering, **_stated(work, reference))


async def close_incident(session: AsyncSession, work: PlannedWork, *, was_there: bool) -> None:
    """With the end of its work; of one that never began nothing is left."""
    await lock_incidents(session, work.region)
    status = "closed" if was_there else "undone"
    await _write(session, _CLOSE, region=work.region, ids=[work.incident_id], status=status)


async def _write(session: AsyncSession, statement: str, **parameters: object) -> None:
    """Change incidents, and tell others how they stand."""
    await announce(session, await rows(session, Incident, statement, **parameters))


def _stated(work: PlannedWork, reference: RegionReference) -> dict[str, object]:
    circle = make_area(polygons_of(work.area)).around if work.area else None
    lat, lon, radius_m = circle or (None, None, None)
    settlement = find_settlement(reference.directory, work.settlement, work.municipality)
    return {
        "region": work.region,
        "id": work.incident_id,
        "topic": next((code for code in work.topics if code in reference.topics), None),
        "title": work.title,
        "started_at": work.starts_at,
        "municipality": work.municipality or (settlement.municipality if settlement else None),
        "settlement": settlement.code if settlement else None,
        "street": work.streets[0] if work.streets else None,
        "lat": lat,
        "lon": lon,
        "radius_m": radius_m,
        "organisation": work.organisation_id,
    }


async def gather(session: AsyncSession, region: str, gathered: Sequence[Gathered]) -> None:
    """Add assignments of a region, which are locked, to their works' incidents, each once."""
    await lock_incidents(session, region)
    await run(session, _LOCK, region=region, ids=sorted({each.incident_id for each in gathered}))
    ordered = sorted(gathered, key=lambda each: each.assignment_id)
    reports = [_report(region, each) for each in ordered]
    joined = await insert_returning(session, _Joined, incident_report, reports, on_conflict="DO NOTHING")
    ids, moments = [each.incident_id for each in joined], [each.received_at for each in joined]
    await _write(session, _GROW, region=region, ids=ids, moments=moments)


def _report(region: str, gathered: Gathered) -> IncidentReport:
    return IncidentReport(
        region,
        gathered.assignment_id,
        gathered.appeal_id,
        gathered.received_at,
        matched=True,
        incident_id=gathered.incident_id,
        joined_by="rule",
        similarity=None,
        kept_out=False,
    )


async def close_over(session: AsyncSession) -> int:
    """Close the incidents of works that are over; how many works that were."""
    closed = 0
    for region in await column(session, str, _REGIONS_OVER):
        over = await rows(session, _Over, _OVER, region=region)
        await lock_incidents(session, region)
        await _write(session, _CLOSE, region=region, ids=[each.incident_id for each in over], status="closed")
        await run(session, _GATHERED, region=region, ids=[each.id for each in over])
        closed += len(over)
    return closed
