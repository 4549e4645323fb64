"""The hourly worker that purges what is kept for a while only."""

from __future__ import annotations

from chassis.app import utc_now
from chassis.db import open_all_rows
from chassis.housekeeping import HOUSEKEEPING_SECONDS
from chassis.resources import Resources
from services.intake.actions.forgetting import forget_passing_keys


async def purge_passing_keys(resources: Resources) -> float:
    """In a transaction of its own."""
    async with resources.sessions.begin() as session:
        await open_all_rows(session)
        await forget_passing_keys(session, utc_now())
    return HOUSEKEEPING_SECONDS
