"""Deliveries that could not be read, or not be taken, are tried again: a newer version reads what an older one could not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, run
from services.intake.channels.actions.arriving import Arrived, open_evidence, prepare_arrival
from services.intake.channels.actions.taking import lock_connections, take_arrivals
from services.intake.channels.rules.connection import Connection
from services.intake.channels.rules.evidence import Evidence
from services.intake.channels.rules.networks import READERS
from services.intake.channels.rules.reading import Reading, Unreadable
from services.intake.originals.rules import Secrets

MOST_AT_ONCE: Final = 200
_FIND: Final = """
SELECT d.connection_id, d.event, d.received_at, d.key_id, d.sealed FROM intake.channel_delivery d
JOIN intake.channel_connection c ON c.region = d.region AND c.id = d.connection_id AND c.state = 'active'
WHERE d.change = 'unread' AND (d.connection_id, d.event) > (:connection, :event)
ORDER BY d.connection_id, d.event LIMIT :limit
"""
# Whoever takes it away takes it: another replica finds nothing then.
_TAKE_AWAY: Final = """
DELETE FROM intake.channel_delivery WHERE connection_id = :connection AND event = :event AND change = 'unread'
"""
_COUNT_ONE_LESS: Final = """
UPDATE intake.channel_count SET count = count - 1
WHERE region = :region AND connection_id = :connection AND outcome = 'unread'
"""


@dataclass(frozen=True, slots=True)
class Unread:
    """A delivery of a page that is watched, as it is kept."""

    connection_id: UUID
    event: bytes
    received_at: datetime
    key_id: int
    sealed: bytes


async def find_unread(session: AsyncSession, after: tuple[UUID, bytes]) -> list[Unread]:
    """The next after a connection and an event, in their order; at most `MOST_AT_ONCE`."""
    connection, event = after
    return await rows(session, Unread, _FIND, connection=connection, event=event, limit=MOST_AT_ONCE)


async def take_again(
    session: AsyncSession, secrets: Secrets, connection: Connection, unread: Unread, patience: timedelta
) -> None:
    """Take it as if it had just been understood: it was received when it came. What cannot be read still stays as it is, and
    so does what somebody else has taken. SealBroken where it does not open."""
    evidence = open_evidence(secrets, unread.event, unread.key_id, unread.sealed)
    reading = _read_again(connection, evidence)
    if reading is None:
        return
    await lock_connections(session, [connection.id])
    if not await run(session, _TAKE_AWAY, connection=connection.id, event=unread.event):
        return
    await run(session, _COUNT_ONE_LESS, region=connection.region, connection=connection.id)
    payload = evidence.payload.encode()
    arrived = prepare_arrival(secrets, Arrived(connection, unread.received_at), reading, payload)
    await take_arrivals(session, secrets, [arrived], patience)


def _read_again(connection: Connection, evidence: Evidence) -> Reading | None:
    """As it is read today; what was asked for was read when it came."""
    read = READERS.get(connection.network)
    if read is None:
        return evidence.delivery
    try:
        return read(orjson.loads(evidence.payload), connection.page)
    except Unreadable:
        return None
