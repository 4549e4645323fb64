"""The worker that fires timers: every replica runs one, they share the work by skipping each other's rows."""

from __future__ import annotations

from chassis.db import open_work
from chassis.resources import Sessions
from services.sla.actions.timers import find_next_firing, fire_due_timers
from services.sla.resources import SlaResources

_SHORTEST_PAUSE = 0.005


async def fire_timers(resources: SlaResources) -> float:
    """Fire what is due; the rest lasts until the next timer, at most until the next poll."""
    settings = resources.settings
    return await fire_due(resources.sessions, settings.timer_batch, settings.timer_poll_seconds)


async def fire_due(sessions: Sessions, batch: int, poll_seconds: float) -> float:
    """The step itself. Another replica may arm a timer without a word to us, so the poll is short."""
    async with sessions.begin() as session:
        await open_work(session)
        if await fire_due_timers(session, batch):
            return 0
        until = await find_next_firing(session)
    return poll_seconds if until is None else min(max(until, _SHORTEST_PAUSE), poll_seconds)
