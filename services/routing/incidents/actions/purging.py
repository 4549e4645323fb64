"""What reports tell is forgotten when nothing can be of their event any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from chassis.db import open_work, run
from chassis.resources import Sessions
from contracts.territories import REGIONS

# Far beyond the window of the relation, so that what comes late or in bulk still finds its like.
KEPT: Final = timedelta(days=14)
_STATEMENTS: Final = (
    "DELETE FROM routing.incident_key WHERE region = :region AND received_at < now() - :kept::interval",
    # What an open incident is called by stays as long as it is open.
    """
DELETE FROM routing.incident_sign s WHERE s.region = :region AND s.received_at < now() - :kept::interval AND NOT EXISTS (
    SELECT FROM routing.incident_report r JOIN routing.incident i ON i.region = r.region AND i.id = r.incident_id
    WHERE r.region = s.region AND r.assignment_id = s.assignment_id AND i.status IN ('proposed', 'confirmed'))
""",
    "DELETE FROM routing.incident_report WHERE region = :region AND incident_id IS NULL AND matched"
    " AND received_at < now() - :kept::interval",
)


async def purge_reports(sessions: Sessions) -> None:
    """Keys of all old reports, signs of those in no open incident, and old reports that belong to no incident; a region a transaction."""
    for region in REGIONS:
        async with sessions.begin() as session:
            await open_work(session)
            for statement in _STATEMENTS:
                await run(session, statement, region=region, kept=KEPT)
