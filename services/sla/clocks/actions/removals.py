"""Appeals that were taken back: their clocks, and everything that was sent of them, go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import run
from contracts.routing import AppealsRemoved
from services.sla.clocks.actions.journals import lock_appeals
from services.sla.escalation.actions.states import lock_states
from services.sla.keys import AppealKey, arrays_of

# Timers before clocks, as whoever fires them takes them; the row of the appeal itself stays and says that it was removed.
_PURGED: Final = ("timer", "clock", "firing", "journal", "extension")
_OF: Final = "region = ANY(:regions::text[]) AND appeal_id = ANY(:ids::uuid[])"
_REASONS: Final = (
    "DELETE FROM sla.extension_reason r USING sla.extension e WHERE r.region = e.region AND r.extension_id = e.extension_id "
    "AND e.region = ANY(:regions::text[]) AND e.appeal_id = ANY(:ids::uuid[])"
)


async def purge_appeals(session: AsyncSession, events: Sequence[AppealsRemoved]) -> None:
    """Under the appeals' locks, as everything that changes clocks."""
    keys = sorted({AppealKey(event.region, str(each)) for event in events for each in event.appeal_ids})
    if not keys:
        return
    await lock_appeals(session, keys)
    await lock_states(session, keys)
    arrays = arrays_of(keys)
    await run(session, _REASONS, **arrays)
    for table in _PURGED:
        await run(session, f"DELETE FROM sla.{table} WHERE {_OF}", **arrays)
    await run(
        session, f"UPDATE sla.appeal SET removed_at = coalesce(removed_at, now()) WHERE {_OF}", **arrays
    )
