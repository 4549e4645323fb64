"""The masking worker: an edge with a transaction of its own."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from chassis.courtesy import SHORT_PATIENCE_SECONDS, front_door
from chassis.db import open_work
from chassis.tasks import turned
from services.intake.actions.masking import mask_appeals
from services.intake.settings import IntakeSettings


async def mask_for_ever(app: FastAPI) -> None:
    """Mask what has been committed, at once when this process did it, by polling when another one did."""
    settings: IntakeSettings = app.state.settings
    while True:
        await front_door.step_aside(SHORT_PATIENCE_SECONDS)
        async with app.state.sessions.begin() as session:
            await open_work(session)
            count = await mask_appeals(session, app.state.secrets.keyring, settings.masking_batch)
        turned()
        if count < settings.masking_batch:
            await app.state.masking_wake.wait(settings.masking_poll_seconds)
            await asyncio.sleep(settings.masking_linger_seconds)  # a moment for company
        else:
            await asyncio.sleep(0)
