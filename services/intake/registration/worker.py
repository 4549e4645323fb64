"""The hourly worker that purges what is kept for a while only."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from chassis.app import utc_now
from chassis.db import open_all_rows
from chassis.housekeeping import HOUSEKEEPING_SECONDS
from chassis.tasks import turned
from services.intake.registration.actions.registering import purge_passing_keys


async def purge_for_ever(app: FastAPI) -> None:
    """Every hour, in a transaction of its own."""
    while True:
        async with app.state.sessions.begin() as session:
            await open_all_rows(session)
            await purge_passing_keys(session, utc_now())
        turned()
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
