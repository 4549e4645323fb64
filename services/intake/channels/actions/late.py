"""Changes whose message never came: a network that was away, or a comment from before the page was watched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.causes import cause_of
from chassis.db import rows, run
from services.intake.channels.actions.taking import (
    count_outcomes,
    lock_connections,
    read_placement_of,
    write_placement,
)
from services.intake.channels.queries.connections import read_pages
from services.intake.channels.rules.connection import Connection
from services.intake.originals.rules import Secrets

log = structlog.get_logger()
MOST_AT_ONCE: Final = 200
_DUE = """
SELECT DISTINCT connection_id, item FROM intake.channel_delivery WHERE waits_until <= :now LIMIT :limit
"""
_WAIT_NO_MORE = """
UPDATE intake.channel_delivery d SET waits_until = NULL
FROM unnest(:connections::uuid[], :items::bytea[]) AS k(connection_id, item)
WHERE d.connection_id = k.connection_id AND d.item = k.item AND d.waits_until <= :now
"""


@dataclass(frozen=True, slots=True)
class _Due:
    connection_id: UUID
    item: bytes


async def take_late(session: AsyncSession, secrets: Secrets, now: datetime) -> int:
    """Take messages of which only changes have come for long enough; how many there were. Several workers may try.

    Whatever is wrong with one message, its neighbours go on: it waits no more, and stays as evidence.
    """
    due = await rows(session, _Due, _DUE, now=now, limit=MOST_AT_ONCE)
    if not due:
        return 0
    ids = sorted({each.connection_id for each in due})
    await lock_connections(session, ids)
    pages = await read_pages(session, ids)
    if not await _takes(session, secrets, pages, due):
        for each in due:
            if not await _takes(session, secrets, pages, [each]):
                log.error("late message not taken", connection_id=str(each.connection_id))
    await run(
        session,
        _WAIT_NO_MORE,
        connections=[each.connection_id for each in due],
        items=[each.item for each in due],
        now=now,
    )
    return len(due)


async def _takes(
    session: AsyncSession, secrets: Secrets, pages: Mapping[UUID, Connection], due: Sequence[_Due]
) -> bool:
    """Take these messages together, or leave no trace of it; False where something is wrong with one of them."""
    try:
        async with session.begin_nested():
            await _take(session, secrets, pages, due)
    except Exception as error:
        if cause_of(error):  # nothing is wrong with a message because the database was away
            raise
        log.warning("late messages not taken together", count=len(due), error=type(error).__name__)
        return False
    return True


async def _take(
    session: AsyncSession, secrets: Secrets, pages: Mapping[UUID, Connection], due: Sequence[_Due]
) -> None:
    keys = {(each.connection_id, each.item) for each in due}
    placement = await read_placement_of(session, secrets, pages, keys, (), timedelta(0))
    waiting = [item for item in placement.items.values() if item.appeal_id is None]
    taken = [late for late in map(placement.take_late, waiting) if late is not None]
    counts = count_outcomes([late.arrival for late in taken], [late.outcome for late in taken])
    await write_placement(session, placement, counts)
