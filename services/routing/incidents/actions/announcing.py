"""Telling others how incidents stand."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.outbox import emit
from contracts.routing import IncidentChanged
from services.routing.reference.queries.cache import references_of
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.incidents import Incident


async def announce(session: AsyncSession, incidents: Iterable[Incident]) -> None:
    """Emit the full state of incidents whose version has just been raised."""
    changed = list(incidents)
    if not changed:
        return
    references = await references_of(session).read(session, (each.region for each in changed))
    await emit(session, *(_event(each, references[each.region]) for each in changed))


def _event(incident: Incident, reference: RegionReference) -> IncidentChanged:
    return IncidentChanged(
        region=incident.region,
        sequence=incident.version,
        incident_id=incident.id,
        status=incident.status,
        topic=reference.topic_name(incident.topic),
        organisation=reference.organisation_name(incident.organisation_id),
        municipality=incident.municipality,
        started_at=incident.started_at,
        last_at=incident.last_at,
        appeals=incident.appeals,
        work_id=incident.work_id,
        merged_into=incident.merged_into,
    )
