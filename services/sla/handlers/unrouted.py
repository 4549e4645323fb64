"""The task that gives clocks to appeals of which routing does not speak (it may be down): nobody is forgotten."""

from __future__ import annotations

import asyncio
from typing import Final

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import open_work
from chassis.tasks import turned
from services.sla.actions.clocks import count_unrouted
from services.sla.actions.journals import AppealKey, find_unrouted

_GRACE_SECONDS: Final = 20.0
_AT_ONCE: Final = 500


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
