"""What analytics does with the events of all services: it adds them to its facts.

One handler for all of them, so that a batch is one fold and takes its locks in one order.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.handlers import Handlers
from contracts.event import Event
from services.analytics.facts.actions import project_events
from services.analytics.facts.rules.projections import PROJECTIONS

handlers = Handlers("analytics", are_projections=True)


async def project(session: AsyncSession, events: Sequence[Event]) -> None:
    """Add the events to appeals, assignments, answers, breaches and names."""
    await project_events(session, events)


for event_class in PROJECTIONS:
    handlers.on(event_class)(project)
