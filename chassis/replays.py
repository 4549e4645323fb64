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
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from nats.errors import Error as NatsError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from uuid_utils.compat import uuid7

from chassis.broker import Broker
from chassis.db import column, open_work, row, rows, run, scalar
from chassis.outbox import LoggedEvent
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
_GOING_ON = """
SELECT id FROM {schema}.replay WHERE consumer = :consumer AND since <= :first AND finished_at IS NULL
ORDER BY created_at LIMIT 1
"""
_START = "INSERT INTO {schema}.replay (id, consumer, since, before) VALUES (:id, :consumer, :since, :before)"
# Not the row's own lock: this transaction waits for its consumer, and one that has changed anything would hold up the
# delta feeds meanwhile.
_TAKE = """
SELECT consumer, since, before FROM {schema}.replay WHERE id = :id AND finished_at IS NULL
    AND pg_try_advisory_xact_lock(hashtext('otklik replay'), hashtext(id::text))
"""
_CHUNK = """
SELECT id, packed, payload FROM {schema}.outbox WHERE id < :before AND id >= :since ORDER BY id DESC LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a replay still has to send, and to whom."""

    consumer: str
    since: UUID
    before: UUID


async def start_replays(
    session: AsyncSession, schema: str, consumers: Iterable[str], since: datetime | None = None
) -> list[UUID]:
    """Begin to send the log again (from a time on); a consumer to which all of it is being sent already is left alone."""
    first = UUID(int=0) if since is None else lowest_uuid7(since)
    return [await _start_replay(session, schema, consumer, first) for consumer in consumers]


async def _start_replay(session: AsyncSession, schema: str, consumer: str, first: UUID) -> UUID:
    going_on = await scalar(session, UUID, _GOING_ON.format(schema=schema), consumer=consumer, first=first)
    if going_on is not None:
        return going_on
    new = uuid7()
    await run(session, _START.format(schema=schema), id=new, consumer=consumer, since=first, before=_LAST)
    return new


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
            return await column(
                session, UUID, f"SELECT id FROM {self.service}.replay WHERE finished_at IS NULL"
            )

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
        replay = await row(session, Unfinished, _TAKE.format(schema=self.service), id=replay_id)
        if replay is None:
            return False
        chunk = await rows(
            session,
            LoggedEvent,
            _CHUNK.format(schema=self.service, limit=AT_ONCE),
            before=replay.before,
            since=replay.since,
        )
        if not chunk:
            await run(
                session, f"UPDATE {self.service}.replay SET finished_at = now() WHERE id = :id", id=replay_id
            )
            return False
        payloads = _fitting([event.read() for event in chunk])
        content = f"[{','.join(filter(None, payloads))}]".encode()  # what is damaged can be sent to nobody
        subject = replay_subject(replay.consumer, self.service)
        await self.broker.client.request(subject, content, timeout=ANSWER_SECONDS)
        await run(
            session,
            f"UPDATE {self.service}.replay SET before = :before, events = events + :sent WHERE id = :id",
            id=replay_id,
            before=chunk[len(payloads) - 1].id,
            sent=len(payloads),
        )
        return True


def _fitting(payloads: Sequence[str]) -> Sequence[str]:
    """The first of them, at least one, that fit into a message."""
    size = 0
    for place, payload in enumerate(payloads):
        size += len(payload.encode())
        if size > MOST_BYTES and place:
            return payloads[:place]
    return payloads
