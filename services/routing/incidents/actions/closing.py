"""Incidents that nobody tells of any more are closed."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, rows
from contracts.territories import REGIONS
from services.routing.incidents.actions.announcing import announce
from services.routing.incidents.actions.locking import lock_incidents
from services.routing.tables.incidents import OPEN_INCIDENTS, Incident

SILENT_DAYS: Final = 7
AT_ONCE: Final = 500
# The incident of a planned work ends with its work.
_SILENT = (
    f"status = ANY(:statuses::text[]) AND last_at < now() - interval '{SILENT_DAYS} days' AND work_id IS NULL"
)
_UNANSWERED = """
NOT EXISTS (SELECT FROM routing.incident_answer w WHERE w.region = i.region AND w.incident_id = i.id)
"""
_REGION = f"""
SELECT region FROM unnest(:regions::text[]) AS r(region)
WHERE EXISTS (SELECT FROM routing.incident i WHERE i.region = r.region AND {_SILENT} AND {_UNANSWERED}) LIMIT 1
"""
_CLOSE = f"""
UPDATE routing.incident SET status = 'closed', version = version + 1
WHERE region = :region AND id IN (
    SELECT i.id FROM routing.incident i WHERE i.region = :region AND {_SILENT} AND {_UNANSWERED} ORDER BY i.id LIMIT {AT_ONCE}
)
RETURNING *
"""


async def close_silent(session: AsyncSession) -> bool:
    """Close some of a region's incidents that have been silent for a week and are not being answered; False when there is none.
    Their appeals are answered one by one, as before."""
    statuses = sorted(OPEN_INCIDENTS)
    region = next(iter(await column(session, str, _REGION, regions=sorted(REGIONS), statuses=statuses)), None)
    if region is None:
        return False
    await lock_incidents(session, region)
    await announce(session, await rows(session, Incident, _CLOSE, region=region, statuses=statuses))
    return True
