"""The inbox: which handler has seen which event, so that effects happen once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, run
from chassis.partitions import lowest_uuid7
from chassis.settings import LATE_DAYS
from contracts.event import Event

_ENTER = """
INSERT INTO {inbox} (event_id, handler, late_at)
SELECT event_id, handler, CASE WHEN event_id < :old THEN now() END
FROM unnest(:ids::uuid[], :handlers::text[]) AS r(event_id, handler)
ON CONFLICT DO NOTHING RETURNING event_id, handler
"""
_LATE = """
UPDATE {inbox} AS i SET late_at = now() FROM unnest(:ids::uuid[], :handlers::text[]) AS r(event_id, handler)
WHERE i.event_id = r.event_id AND i.handler = r.handler
"""

Key = tuple[int, str]  # number of an event's id, and its handler


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the inbox."""

    event_id: UUID
    handler: str


async def enter_events(session: AsyncSession, inbox: str, keys: Mapping[Key, UUID]) -> set[Key]:
    """Write rows of the table `inbox` (of the events' ids by key), sorted, so that replicas do not deadlock.

    Returns the keys that were not there.
    """
    ordered = sorted(keys)
    old = lowest_uuid7(datetime.now(UTC) - timedelta(days=LATE_DAYS))
    entered = await rows(
        session,
        Entry,
        _ENTER.format(inbox=inbox),
        ids=[keys[key] for key in ordered],
        handlers=[handler for _, handler in ordered],
        old=old,
    )
    fresh = {(entry.event_id.int, entry.handler) for entry in entered}
    late = [key for key in ordered if key[0] < old.int and key not in fresh]
    if late:  # known for long, and brought again: it may come once more for as long again
        await run(
            session,
            _LATE.format(inbox=inbox),
            ids=[keys[key] for key in late],
            handlers=[handler for _, handler in late],
        )
    return fresh


def keys_of(handler: str, events: Iterable[Event]) -> dict[Key, UUID]:
    """The rows of a handler's events."""
    return {(event.id.int, handler): event.id for event in events}
