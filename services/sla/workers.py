"""What the deadline service does by itself: fires timers, lets clocks follow decisions, looks after unrouted appeals."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.causes import cause_of
from chassis.db import open_all_rows, open_work
from chassis.outbox import Wake
from chassis.tasks import turned
from services.sla.clocks.actions.journals import find_unrouted
from services.sla.clocks.actions.recalculations import (
    continue_redating,
    skip_appeal,
    take_redating,
)
from services.sla.clocks.actions.recount import count_unrouted
from services.sla.escalation.actions.timers import find_next_firing, fire_due_timers
from services.sla.keys import AppealKey
from services.sla.policies.queries import read_catalogue
from services.sla.tables import Redating

log = structlog.get_logger()
_SHORTEST_PAUSE: Final = 0.005
_GRACE_SECONDS: Final = 20.0
_AT_ONCE: Final = 500


async def fire_for_ever(app: FastAPI) -> None:
    """Fire what is due, then sleep until the next timer, at most until the next poll, or until woken by a commit."""
    settings = app.state.settings
    await run_timers(
        app.state.sessions, app.state.timer_wake, settings.timer_batch, settings.timer_poll_seconds
    )


async def run_timers(
    sessions: async_sessionmaker[AsyncSession], wake: Wake, batch: int, poll_seconds: float
) -> None:
    """The task itself. Another replica may arm a timer without a word to us, so the poll is short."""
    while True:
        async with sessions.begin() as session:
            await open_work(session)
            pause = None
            if not await fire_due_timers(session, batch):
                until = await find_next_firing(session)
                pause = poll_seconds if until is None else min(max(until, _SHORTEST_PAUSE), poll_seconds)
        turned()
        if pause is not None:
            await wake.wait(pause)


async def redate_for_ever(app: FastAPI) -> None:
    """One batch a transaction; an appeal that cannot be counted is logged and left out."""
    settings = app.state.settings
    while True:
        redating: Redating | None = None
        try:
            async with app.state.sessions.begin() as session:
                await open_all_rows(session)
                redating = await take_redating(session)
                if redating:
                    limit = 1 if redating.attempts else settings.redating_batch
                    catalogue = await read_catalogue(session, redating.region)
                    await continue_redating(session, redating, catalogue, limit)
        except Exception as error:
            if redating is None or cause_of(error):  # no appeal is left out for a disk that was full
                raise
            log.error("redating failed", cause=redating.cause, after=str(redating.appeal_id), exc_info=error)
            async with app.state.sessions.begin() as session:
                await open_all_rows(session)
                await skip_appeal(session, redating, 1)
        turned()
        if redating is None:
            await app.state.redating_wake.wait(settings.redating_poll_seconds)


async def count_unrouted_for_ever(app: FastAPI) -> None:
    """Look every now and then; whoever was waiting at the last look and still is gets clocks of the appeal's own."""
    waiting: list[AppealKey] = []
    while True:
        waiting = await follow_up(app.state.sessions, waiting)
        turned()
        await asyncio.sleep(_GRACE_SECONDS)


async def follow_up(sessions: async_sessionmaker[AsyncSession], waiting: list[AppealKey]) -> list[AppealKey]:
    """Count those who have waited since the last look; those who wait now."""
    async with sessions.begin() as session:
        await open_work(session)
        if waiting:
            await count_unrouted(session, waiting)
        return await find_unrouted(session, _AT_ONCE)
