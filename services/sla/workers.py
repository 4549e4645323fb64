"""What the deadline service does by itself: fires timers, lets clocks follow decisions, looks after unrouted
appeals."""

from __future__ import annotations

from typing import Final

import structlog

from chassis.causes import cause_of
from chassis.db import open_all_rows, open_work
from chassis.resources import Resources, Sessions
from services.sla.clocks.actions.journals import find_unrouted
from services.sla.clocks.actions.recalculations import continue_recalculation, skip_appeal, take_recalculation
from services.sla.clocks.actions.recount import count_unrouted
from services.sla.escalation.actions.timers import find_next_firing, fire_due_timers
from services.sla.keys import AppealKey
from services.sla.policies.queries import hold_region_configs, read_region_config
from services.sla.resources import SlaResources
from services.sla.tables import Recalculation

log = structlog.get_logger()
_SHORTEST_REST: Final = 0.005
_GRACE_SECONDS: Final = 20.0
_AT_ONCE: Final = 500


async def fire_timers(resources: SlaResources) -> float:
    """Fire what is due; the rest lasts until the next timer, at most until the next poll. Every replica fires, they
    share the work by skipping each other's rows."""
    settings = resources.settings
    return await fire_due(resources.sessions, settings.timer_batch, settings.timer_poll_seconds)


async def fire_due(sessions: Sessions, batch: int, poll_seconds: float) -> float:
    """The step itself. Another replica may arm a timer without a word to us, so the poll is short."""
    async with sessions.begin() as session:
        await open_work(session)
        if await fire_due_timers(session, batch):
            return 0
        until = await find_next_firing(session)
    return poll_seconds if until is None else min(max(until, _SHORTEST_REST), poll_seconds)


async def recalculate_some(resources: SlaResources) -> float:
    """Let running clocks follow a decision, one batch; an appeal that cannot be counted is logged and left out."""
    settings = resources.settings
    recalculation: Recalculation | None = None
    try:
        async with resources.sessions.begin() as session:
            await open_all_rows(session)
            recalculation = await take_recalculation(session)
            if recalculation is None:
                return settings.redating_poll_seconds
            limit = 1 if recalculation.attempts else settings.redating_batch
            await hold_region_configs(session, [recalculation.region])
            config = await read_region_config(session, recalculation.region)
            await continue_recalculation(session, recalculation, config, limit)
    except Exception as error:
        if recalculation is None or cause_of(error):  # no appeal is left out for a disk that was full
            raise
        log.error(
            "recalculation failed",
            cause=recalculation.cause,
            after=str(recalculation.appeal_id),
            exc_info=error,
        )
        async with resources.sessions.begin() as session:
            await open_all_rows(session)
            await skip_appeal(session, recalculation, 1)
    return 0


class UnroutedWatch:
    """Gives clocks to appeals of which routing publishes nothing (it may be down), so that no appeal is left without
    a deadline: whoever was waiting at the last look and still is gets clocks of the appeal's own."""

    def __init__(self) -> None:
        self._waiting: list[AppealKey] = []

    async def step(self, resources: Resources) -> float:
        """One look."""
        self._waiting = await follow_up(resources.sessions, self._waiting)
        return _GRACE_SECONDS


async def follow_up(sessions: Sessions, waiting: list[AppealKey]) -> list[AppealKey]:
    """Count those who have waited since the last look; those who wait now."""
    async with sessions.begin() as session:
        await open_work(session)
        if waiting:
            await count_unrouted(session, waiting)
        return await find_unrouted(session, _AT_ONCE)
