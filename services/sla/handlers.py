"""Every relevant event becomes a fact in its appeal's journal; the clocks follow."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.handlers import Handlers
from contracts.event import Event
from contracts.intake import ExtensionReasonMasked
from contracts.routing import AppealsRemoved, ExtensionRequested
from services.sla.clocks.actions.recount import record_facts
from services.sla.clocks.actions.removals import forget_appeals
from services.sla.clocks.rules.events import READERS, read_entry
from services.sla.extensions.actions import keep_reasons, open_extensions

handlers = Handlers("sla")


async def keep_deadlines(session: AsyncSession, events: Sequence[Event]) -> None:
    """One reaction for all kinds, so that a mixed batch is counted once."""
    await open_extensions(session, [event for event in events if isinstance(event, ExtensionRequested)])
    entries = [entry for event in events if (entry := read_entry(event))]
    await record_facts(session, entries)


@handlers.on(ExtensionReasonMasked)
async def keep_extension_reasons(session: AsyncSession, events: Sequence[ExtensionReasonMasked]) -> None:
    """What a coordinator decides by."""
    await keep_reasons(session, events)


@handlers.on(AppealsRemoved)
async def forget_removed(session: AsyncSession, events: Sequence[AppealsRemoved]) -> None:
    """Nobody waits for them any more."""
    await forget_appeals(session, events)


for _kind in READERS:
    handlers.on(_kind)(keep_deadlines)
