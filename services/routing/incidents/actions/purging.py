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
    "DELETE FROM routing.incident_sign WHERE region = :region AND received_at < now() - :kept::interval",
    "DELETE FROM routing.incident_report WHERE region = :region AND incident_id IS NULL AND matched"
    " AND received_at < now() - :kept::interval",
)


async def purge_reports(sessions: Sessions) -> None:
    """Keys and signs of all old reports, and old reports that belong to no incident; a region a transaction."""
    for region in REGIONS:
        async with sessions.begin() as session:
            await open_work(session)
            for statement in _STATEMENTS:
                await run(session, statement, region=region, kept=KEPT)
