"""What the deadline service does when something happened elsewhere.

Every event that concerns deadlines becomes a fact in its appeal's journal (`READERS` names them); the clocks follow.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.handlers import Handlers
from contracts.event import Event
from contracts.intake import ExtensionReasonMasked
from contracts.routing import AppealsRemoved, ExtensionRequested
from services.sla.clocks.actions.recount import record_facts
from services.sla.clocks.actions.removals import purge_appeals
from services.sla.clocks.rules.events import READERS, read_entry
from services.sla.extensions.actions import drop_removed, open_extensions, store_reasons


async def follow_events(session: AsyncSession, events: Sequence[Event]) -> None:
    """One reaction for all kinds, so that a mixed batch is counted once."""
    asked = [event for event in events if isinstance(event, ExtensionRequested)]
    await open_extensions(session, asked)
    await record_facts(session, [entry for event in events if (entry := read_entry(event))])
    await drop_removed(session, asked)


handlers = Handlers("sla")
for _kind in READERS:
    handlers.add(_kind, follow_events, name="keep_deadlines")
handlers.add(ExtensionReasonMasked, store_reasons, name="keep_extension_reasons")
handlers.add(AppealsRemoved, purge_appeals, name="forget_removed")
