"""The masking worker: an edge with a transaction of its own."""

from __future__ import annotations

import asyncio

from fastapi import FastAPI

from chassis.db import open_work
from chassis.housekeeping import HOUSEKEEPING_SECONDS
from chassis.operations import RetryResult
from chassis.priority import SHORT_PATIENCE_SECONDS, foreground
from chassis.tasks import turned
from services.intake.announcement.actions import last_set_aside, mask_appeals, mask_set_aside, take_back
from services.intake.originals.actions.remasking import mask_old_words
from services.intake.settings import IntakeSettings


async def mask_for_ever(app: FastAPI) -> None:
    """Mask what has been committed, at once when this process did it, by polling when another one did."""
    settings: IntakeSettings = app.state.settings
    async with app.state.sessions.begin() as session:
        await open_work(session)
        await take_back(session)
    while True:
        await foreground.yield_to(SHORT_PATIENCE_SECONDS)
        async with app.state.sessions.begin() as session:
            await open_work(session)
            count = await mask_appeals(session, app.state.secrets.keyring, settings.masking_batch)
        turned()
        if count < settings.masking_batch:
            await app.state.masking_wake.wait(settings.masking_poll_seconds)
            await asyncio.sleep(settings.masking_linger_seconds)  # a moment for company
        else:
            await asyncio.sleep(0)


async def retry_set_aside(app: FastAPI) -> RetryResult:
    """Try once more what was set aside before now, in transactions of a batch each."""
    settings: IntakeSettings = app.state.settings
    result = RetryResult()
    async with app.state.sessions.begin() as session:
        await open_work(session)
        until = await last_set_aside(session)
    while True:
        async with app.state.sessions.begin() as session:
            await open_work(session)
            done = await mask_set_aside(session, app.state.secrets.keyring, settings.masking_batch, until)
        if not done.taken:
            return result
        result.handled += done.taken - done.aside
        result.failed += done.aside


async def mask_old_for_ever(app: FastAPI) -> None:
    """Work off what an older version wrote; the hourly look is for a backup of it that was restored."""
    while True:
        while await _mask_some(app):
            turned()
        turned()
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


async def _mask_some(app: FastAPI) -> int:
    async with app.state.sessions.begin() as session:
        await open_work(session)
        return await mask_old_words(session)
