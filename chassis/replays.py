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
from chassis.outbox import open_payload
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
_UNDER_WAY = """
SELECT id FROM {schema}.replay WHERE consumer = :consumer AND since <= :since AND finished_at IS NULL
ORDER BY created_at LIMIT 1
"""
_BEGIN = "INSERT INTO {schema}.replay (id, consumer, since, before) VALUES (:id, :consumer, :since, :before)"
# Not the row's own lock: this transaction waits for its consumer, and one that has changed anything would hold up the
# delta feeds meanwhile.
_OPEN = """
SELECT consumer, since, before FROM {schema}.replay WHERE id = :id AND finished_at IS NULL
AND pg_try_advisory_xact_lock(hashtext('otklik replay'), hashtext(id::text))
"""
_NEWEST = """
SELECT id, packed, payload FROM {schema}.outbox WHERE id < :before AND id >= :since ORDER BY id DESC LIMIT {most}
"""


async def start_replays(
    session: AsyncSession, schema: str, consumers: Iterable[str], since: datetime | None = None
) -> list[UUID]:
    """Begin to send the log again (from a time on); a consumer to which all of it is being sent already is left alone."""
    first = UUID(int=0) if since is None else lowest_uuid7(since)
    return [await _start(session, schema, consumer, first) for consumer in consumers]


async def _start(session: AsyncSession, schema: str, consumer: str, first: UUID) -> UUID:
    found = await scalar(session, UUID, _UNDER_WAY.format(schema=schema), consumer=consumer, since=first)
    if found is not None:
        return UUID(str(found))
    new = uuid7()
    await run(session, _BEGIN.format(schema=schema), id=new, consumer=consumer, since=first, before=_LAST)
    return new


@dataclass(frozen=True, slots=True)
class OpenReplay:
    """What is still to be sent, to whom."""

    consumer: str
    since: UUID
    before: UUID


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event of the log; `payload`: in clear, of older versions."""

    id: UUID
    packed: bytes | None
    payload: str | None


class Replayer:
    """Sends what one service's replays ask for; replicas share them."""

    def __init__(self, service: str, sessions: async_sessionmaker[AsyncSession], broker: Broker) -> None:
        self.service = service
        self.sessions = sessions
        self.broker = broker

    async def run(self) -> None:
        """A chunk of every unfinished replay in turn, without end."""
        await self.broker.ready()
        while True:
            sent = [await self._send_one(replay_id) for replay_id in await self._find_unfinished()]
            turned()
            if not any(sent):
                await asyncio.sleep(POLL_SECONDS)

    async def _find_unfinished(self) -> list[UUID]:
        async with self.sessions.begin() as session:
            await open_work(session)
            unfinished = f"SELECT id FROM {self.service}.replay WHERE finished_at IS NULL"
            return await column(session, UUID, unfinished)

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
        replay = await row(session, OpenReplay, _OPEN.format(schema=self.service), id=replay_id)
        if replay is None:
            return False
        newest = _NEWEST.format(schema=self.service, most=AT_ONCE)
        logged = await rows(session, LoggedEvent, newest, before=replay.before, since=replay.since)
        if not logged:
            await self._note(session, replay_id, "finished_at = now()")
            return False
        sent = await self._send(replay.consumer, logged)
        moved = "before = :before, events = events + :events"
        await self._note(session, replay_id, moved, before=logged[sent - 1].id, events=sent)
        return True

    async def _send(self, consumer: str, logged: Sequence[LoggedEvent]) -> int:
        """As many as fit into a message; how many these were."""
        payloads = _fitting([open_payload(event.packed, event.payload) for event in logged])
        content = f"[{','.join(filter(None, payloads))}]".encode()  # what is damaged can be sent to nobody
        subject = replay_subject(consumer, self.service)
        await self.broker.client.request(subject, content, timeout=ANSWER_SECONDS)
        return len(payloads)

    async def _note(self, session: AsyncSession, replay_id: UUID, change: str, **values: object) -> None:
        await run(
            session, f"UPDATE {self.service}.replay SET {change} WHERE id = :id", id=replay_id, **values
        )


def _fitting(payloads: Sequence[str]) -> Sequence[str]:
    """The first of them, at least one, that fit into a message."""
    size = 0
    for place, payload in enumerate(payloads):
        size += len(payload.encode())
        if size > MOST_BYTES and place:
            return payloads[:place]
    return payloads
