"""The deadline service has spoken."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.sla import DeadlineSet
from services.routing.actions.deadlines import set_deadlines
from services.routing.handlers.registry import handlers


@handlers.on(DeadlineSet)
async def show_deadline(session: AsyncSession, events: Sequence[DeadlineSet]) -> None:
    """Due time and reason into the queue."""
    await set_deadlines(session, events)
