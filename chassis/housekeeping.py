"""What every service does once an hour: partitions are made in time, and what is kept for a while only goes.

The inbox remembers an event for `inbox_keep_days`, and longer than the broker may bring it again: no message is older
than the stream's age, but what it brings may have happened long before. So an entry that came late – after an outage, or
with a replay – counts from when it came (`late_at`). An event that is sent again after all that finds handlers that take
it as known from their own rows (guarantee 4).
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.idempotency import purge_old_keys
from chassis.partitions import lowest_uuid7, period_start
from chassis.tasks import turned

HOUSEKEEPING_SECONDS = 3600.0
AT_ONCE = 5000

# Of days that still have a partition because something came late, and of what never had one.
_PURGE = """
WITH old AS (
    SELECT event_id, handler FROM {schema}.inbox
    WHERE event_id > :after AND event_id < :before AND coalesce(late_at < :late, true)
    ORDER BY event_id, handler LIMIT :limit
), gone AS (
    DELETE FROM {schema}.inbox i USING old WHERE i.event_id = old.event_id AND i.handler = old.handler
        AND i.event_id < :before RETURNING i.event_id
)
SELECT count(*), max(event_id::text) FROM gone
"""


async def run_housekeeping(sessions: async_sessionmaker[AsyncSession], service: str, keep_days: int) -> None:
    """Every hour, for ever."""
    while True:
        async with sessions.begin() as session:
            await purge_old_keys(session, service)
            # The owner's function: this role may use partitions but not make them.
            await session.execute(text(f"SELECT {service}.create_coming_partitions()"))
        await purge_inbox(sessions, service, keep_days)
        turned()
        await asyncio.sleep(HOUSEKEEPING_SECONDS)


async def purge_inbox(sessions: async_sessionmaker[AsyncSession], service: str, keep_days: int) -> None:
    """Forget events handled longer ago than `keep_days`: whole days first, then the rest in small transactions."""
    async with sessions.begin() as session:
        await session.execute(text(f"SELECT {service}.purge_inbox(:days)"), {"days": keep_days})
    now = datetime.now(UTC)
    late = now - timedelta(days=keep_days)
    before, after = lowest_uuid7(period_start(late, "day")), UUID(int=0)
    statement = text(_PURGE.format(schema=service))
    count = AT_ONCE
    while count == AT_ONCE:
        async with sessions.begin() as session:
            found = await session.execute(
                statement, {"after": after, "before": before, "late": late, "limit": AT_ONCE}
            )
            count, last = found.one()
        if last:
            after = UUID(int=UUID(last).int - 1)  # handlers of one event may be in two chunks
        turned()
        await asyncio.sleep(0)
