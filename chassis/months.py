"""Month partitions for what lies in the past, made before its rows come.

Ids carry the time of receipt, so a case of another system lies in a month long gone. Without a partition its rows would go
to the default one, which every new month has to look through.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import scalar
from chassis.partitions import lowest_uuid7, next_period, period_start, uuid7_time

log = structlog.get_logger()


class Months:
    """What one service's process knows to be there."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession], schema: str) -> None:
        self.sessions = sessions
        self.schema = schema
        self._made: set[datetime] = set()
        self._latest = (0, 0)  # bounds of the month asked for last: nearly always the same

    async def make(self, ids: Iterable[UUID]) -> None:
        """Make sure of the months of UUIDv7s. When they cannot be made now, rows go to the default partition."""
        missing = {month for each in ids if (month := self._unknown(each))}
        if not missing:
            return
        async with self.sessions.begin() as session:
            create = f"SELECT {self.schema}.create_months(:moments)"
            left = await scalar(session, int, create, moments=sorted(missing))
        if left:
            log.warning("partitions cannot be made now", left=left)
        else:
            self._made |= missing

    def _unknown(self, each: UUID) -> datetime | None:
        low, high = self._latest
        if low <= each.int < high:
            return None
        try:
            month = period_start(uuid7_time(each), "month")
        except (ValueError, OverflowError):  # no UUIDv7: whatever it is, no month is made for it
            return None
        if month not in self._made and month < period_start(datetime.now(UTC), "month"):
            return month
        self._latest = lowest_uuid7(month).int, lowest_uuid7(next_period(month, "month")).int
        return None
