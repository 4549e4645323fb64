"""The task that gives clocks to appeals of which routing does not speak (it may be down): nobody is forgotten."""

from __future__ import annotations

from typing import Final

from chassis.db import open_work
from chassis.resources import Resources, Sessions
from services.sla.actions.clocks import count_unrouted
from services.sla.actions.journals import AppealKey, find_unrouted

_GRACE_SECONDS: Final = 20.0
_AT_ONCE: Final = 500


class UnroutedWatch:
    """Looks every now and then; whoever was waiting at the last look and still is gets clocks of the appeal's own."""

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
