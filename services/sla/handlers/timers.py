"""The firing task: every replica runs one, they share the work by skipping each other's rows."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import open_work
from chassis.outbox import Wake
from chassis.tasks import turned
from services.sla.actions.timers import find_next_firing, fire_due_timers

_SHORTEST_PAUSE = 0.005


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
