"""Sending the event log again, to the consumer that needs it and to nobody else, bit by bit.

A replay is a row: whom to, and the id before which events are still to be sent. The newest go first – they are needed
soonest, and order does not matter (ADR 5). A chunk is a request over core NATS, past the stream: the consumer answers when
its transaction is committed, and only then does the row move on, in the transaction that read the chunk. So a replay goes
on where it was after whatever happened, never has more than one chunk on its way, and leaves the consumer as much time as
it takes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import structlog
from nats.errors import Error as NatsError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from uuid_utils.compat import uuid7

from chassis.broker import Broker
from chassis.db import open_work
from chassis.db.driver import fetch
from chassis.outbox import read_payload
from chassis.partitions import lowest_uuid7
from chassis.priority import foreground
from chassis.tasks import turned
from contracts.replays import replay_subject

log = structlog.get_logger()
AT_ONCE = 200
MOST_BYTES = 1024 * 1024
ANSWER_SECONDS = 60.0
POLL_SECONDS = 2.0
SHORTEST_PAUSE_SECONDS = 0.02
_LAST = UUID(int=2**128 - 1)


async def start_replays(
    session: AsyncSession, schema: str, consumers: Iterable[str], since: datetime | None = None
) -> list[UUID]:
    """Begin to send the log again (from a time on); a consumer to which all of it is being sent already is left alone."""
    started = []
    for consumer in consumers:
        first = UUID(int=0) if since is None else lowest_uuid7(since)
        found = await session.scalar(
            text(
                f"SELECT id FROM {schema}.replay WHERE consumer = :consumer AND since <= :first "
                "AND finished_at IS NULL ORDER BY created_at LIMIT 1"
            ),
            {"consumer": consumer, "first": first},
        )
        if found is None:
            found = uuid7()
            await session.execute(
                text(
                    f"INSERT INTO {schema}.replay (id, consumer, since, before) "
                    "VALUES (:id, :consumer, :since, :before)"
                ),
                {"id": found, "consumer": consumer, "since": first, "before": _LAST},
            )
        started.append(UUID(str(found)))
    return started


class Replayer:
    """Sends what one service's replays ask for; replicas share them."""

    def __init__(self, service: str, sessions: async_sessionmaker[AsyncSession], broker: Broker) -> None:
        self.service = service
        self.sessions = sessions
        self.broker = broker

    async def run(self) -> None:
        """A chunk of every unfinished replay in turn, for ever."""
        await self.broker.ready()
        while True:
            sent = [await self._send_one(replay_id) for replay_id in await self._find_unfinished()]
            turned()
            if not any(sent):
                await asyncio.sleep(POLL_SECONDS)

    async def _find_unfinished(self) -> list[UUID]:
        async with self.sessions.begin() as session:
            await open_work(session)
            rows = await fetch(session, f"SELECT id FROM {self.service}.replay WHERE finished_at IS NULL")
        return [row["id"] for row in rows]

    async def _send_one(self, replay_id: UUID) -> bool:
        """False when its consumer does not answer now, or another replica is at it."""
        await foreground.yield_to()
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            async with self.sessions.begin() as session:
                await open_work(session)
                going_on = await self._send_chunk(session, replay_id)
        except NatsError as error:
            log.info("replay waits for its consumer", replay=str(replay_id), error=type(error).__name__)
            return False
        if going_on:
            await asyncio.sleep(max(loop.time() - began, SHORTEST_PAUSE_SECONDS))
        return going_on

    async def _send_chunk(self, session: AsyncSession, replay_id: UUID) -> bool:
        found = await fetch(
            session,
            # Not the row's own lock: this transaction waits for its consumer, and one that has changed anything would
            # hold up the delta feeds meanwhile.
            f"SELECT consumer, since, before FROM {self.service}.replay WHERE id = $1 AND finished_at IS NULL "
            "AND pg_try_advisory_xact_lock(hashtext('otklik replay'), hashtext(id::text))",
            replay_id,
        )
        if not found:
            return False
        (replay,) = found
        rows = await fetch(
            session,
            f"SELECT id, packed, payload FROM {self.service}.outbox WHERE id < $1 AND id >= $2 "
            f"ORDER BY id DESC LIMIT {AT_ONCE}",
            replay["before"],
            replay["since"],
        )
        if not rows:
            await self._note(session, "finished_at = now()", replay_id)
            return False
        payloads = _fitting([read_payload(row) for row in rows])
        content = f"[{','.join(filter(None, payloads))}]".encode()  # what is damaged can be sent to nobody
        subject = replay_subject(replay["consumer"], self.service)
        await self.broker.client.request(subject, content, timeout=ANSWER_SECONDS)
        last = rows[len(payloads) - 1]["id"]
        await self._note(session, "before = $2, events = events + $3", replay_id, last, len(payloads))
        return True

    async def _note(self, session: AsyncSession, change: str, *arguments: object) -> None:
        await fetch(session, f"UPDATE {self.service}.replay SET {change} WHERE id = $1", *arguments)


def _fitting(payloads: Sequence[str]) -> Sequence[str]:
    """The first of them, at least one, that fit into a message."""
    size = 0
    for place, payload in enumerate(payloads):
        size += len(payload.encode())
        if size > MOST_BYTES and place:
            return payloads[:place]
    return payloads
