"""Appeals that were taken back: their clocks, and everything that was said of them, go."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db.driver import fetch
from contracts.routing import AppealsRemoved
from services.sla.actions.journals import arrays_of, lock_appeals

# Timers before clocks, as whoever fires them takes them; the row of the appeal itself stays and says that it was removed.
_FORGOTTEN = ("timer", "clock", "firing", "journal")


async def forget_appeals(session: AsyncSession, events: Sequence[AppealsRemoved]) -> None:
    """Under the appeals' locks, as everything that changes clocks."""
    keys = sorted({(event.region, str(appeal_id)) for event in events for appeal_id in event.appeal_ids})
    if not keys:
        return
    await lock_appeals(session, dict.fromkeys(keys, (None, None)))
    regions, ids = arrays_of(keys)
    await fetch(
        session,
        "SELECT 1 FROM sla.timer WHERE region = ANY($1::text[]) AND appeal_id = ANY($2::uuid[]) "
        "ORDER BY region, appeal_id, assignment_id, clock, cycle FOR UPDATE",
        regions,
        ids,
    )
    for table in _FORGOTTEN:
        await session.execute(
            text(f"DELETE FROM sla.{table} WHERE region = ANY(:regions) AND appeal_id = ANY(:ids)"),
            {"regions": regions, "ids": ids},
        )
    await session.execute(
        text(
            "UPDATE sla.appeal SET removed_at = coalesce(removed_at, now()) "
            "WHERE region = ANY(:regions) AND appeal_id = ANY(:ids)"
        ),
        {"regions": regions, "ids": ids},
    )
