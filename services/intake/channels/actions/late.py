"""Changes whose message never came: a network that was away, or a comment from before the page was watched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.intake.channels.actions.taking import lock_connections, read_placement_of, write_placement
from services.intake.channels.queries.connections import read_connections
from services.intake.originals.rules import Secrets

MOST_AT_ONCE: Final = 200
_DUE = """
SELECT DISTINCT connection_id, item FROM intake.channel_delivery WHERE waits_until <= :now LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class _Due:
    connection_id: UUID
    item: bytes


async def take_late(session: AsyncSession, secrets: Secrets, now: datetime) -> int:
    """Take messages of which only changes have come for long enough; how many there were. Several workers may try."""
    due = await rows(session, _Due, _DUE, now=now, limit=MOST_AT_ONCE)
    if not due:
        return 0
    ids = sorted({each.connection_id for each in due})
    await lock_connections(session, ids)
    connections = await read_connections(session, secrets.keyring, ids)
    keys = {(each.connection_id, each.item) for each in due}
    placement = await read_placement_of(session, secrets, connections, keys, (), timedelta(0))
    for item in placement.items.values():
        if item.appeal_id is None:
            placement.take_late(item)
    await write_placement(session, placement)
    return len(due)
