"""Partitions are made in time, every hour; and every night what is kept for a while only goes.

The inbox remembers an event for `inbox_keep_days`, and longer than the broker may bring it again: no message is older
than the stream's age, but what it brings may have happened long before. So an entry that came late – after an outage, or
with a replay – counts from when it came (`late_at`). An event that is sent again after all that finds handlers that take
it as known from their own rows (guarantee 4).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from chassis.db import row, run
from chassis.idempotency import purge_old_keys
from chassis.partitions import lowest_uuid7, period_start
from chassis.resources import Resources, Sessions
from chassis.tasks import turned
from chassis.workers import Worker, daily

HOUSEKEEPING_SECONDS = 3600.0
PURGES_AT = time(0, 0)  # UTC: at night in most of the country
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
SELECT count(*) AS count, max(event_id::text)::uuid AS last FROM gone
"""


@dataclass(frozen=True, slots=True)
class Purged:
    """What one chunk took away."""

    count: int
    last: UUID | None


def housekeeping(service: str, keep_days: int) -> tuple[Worker[Resources], Worker[Resources]]:
    """The workers of one service."""

    async def make_partitions(resources: Resources) -> float:
        async with resources.sessions.begin() as session:
            # The owner's function: this role may use partitions but not make them.
            await run(session, f"SELECT {service}.create_coming_partitions()")
        return HOUSEKEEPING_SECONDS

    async def purge(resources: Resources) -> None:
        async with resources.sessions.begin() as session:
            await purge_old_keys(session, service)
        await purge_inbox(resources.sessions, service, keep_days)

    return Worker("partitions", make_partitions), daily("purging", purge, PURGES_AT)


async def purge_inbox(sessions: Sessions, service: str, keep_days: int) -> None:
    """Forget events handled longer ago than `keep_days`: whole days first, then the rest in small transactions."""
    async with sessions.begin() as session:
        await run(session, f"SELECT {service}.purge_inbox(:days)", days=keep_days)
    late = datetime.now(UTC) - timedelta(days=keep_days)
    after = UUID(int=0)
    while (purged := await _purge_some(sessions, service, late, after)).last:
        after = UUID(int=purged.last.int - 1)  # handlers of one event may be in two chunks
        turned()
        if purged.count < AT_ONCE:
            return
        await asyncio.sleep(0)


async def _purge_some(sessions: Sessions, service: str, late: datetime, after: UUID) -> Purged:
    async with sessions.begin() as session:
        found = await row(
            session,
            Purged,
            _PURGE.format(schema=service),
            after=after,
            before=lowest_uuid7(period_start(late, "day")),
            late=late,
            limit=AT_ONCE,
        )
    assert found is not None
    return found
