"""Rows of the inbox: which handler has had which event, so that effects happen once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db.driver import fetch
from chassis.partitions import lowest_uuid7
from chassis.settings import LATE_DAYS

_ENTER = """
INSERT INTO {inbox} (event_id, handler, late_at)
SELECT event_id, handler, CASE WHEN event_id < $3 THEN now() END
FROM unnest($1::uuid[], $2::text[]) AS r(event_id, handler)
ON CONFLICT DO NOTHING RETURNING event_id, handler
"""
_LATE = """
UPDATE {inbox} AS i SET late_at = now() FROM unnest($1::uuid[], $2::text[]) AS r(event_id, handler)
WHERE i.event_id = r.event_id AND i.handler = r.handler
"""
Key = tuple[int, str]  # number of an event's id, and its handler


class InboxRows:
    """The inbox of one service."""

    def __init__(self, table: str) -> None:
        self._enter = _ENTER.format(inbox=table)
        self._mark_late = _LATE.format(inbox=table)

    async def enter(self, session: AsyncSession, keys: Mapping[Key, UUID]) -> set[Key]:
        """Write rows (of the events' ids by key) in one order; returns the keys that were not there."""
        ordered = sorted(keys)
        old = lowest_uuid7(datetime.now(UTC) - timedelta(days=LATE_DAYS))
        entered = await fetch(session, self._enter, *_columns(keys, ordered), old)
        fresh = {(event_id.int, handler) for event_id, handler in entered}
        late = [key for key in ordered if key[0] < old.int and key not in fresh]
        if late:  # known for long, and brought again: it may come once more for as long again
            await fetch(session, self._mark_late, *_columns(keys, late))
        return fresh


def _columns(ids: Mapping[Key, UUID], keys: Sequence[Key]) -> tuple[list[UUID], list[str]]:
    return [ids[key] for key in keys], [handler for _, handler in keys]
