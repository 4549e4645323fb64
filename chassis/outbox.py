"""The transactional outbox: events are rows of the same transaction, a relay puts them on the wire.

`outbox` is the permanent event log (replay source); `outbox_pending` holds what is not on the wire yet.
Exactly one relay per service works at a time: it holds an advisory lock on the very connection that reads
and deletes, so losing the connection loses both.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from uuid import UUID

import asyncpg
import orjson
import structlog
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.broker import Broker
from chassis.bundles import PendingEvent
from chassis.db import ACTING_PERSON, ALL_ROWS, run
from chassis.logs import traceparent_now
from chassis.metrics import EVENTS_PUBLISHED, OUTBOX_AGE, OUTBOX_BACKLOG
from chassis.packing import Packing
from chassis.priority import SHORT_PATIENCE_SECONDS, foreground
from chassis.problems import TooLarge
from chassis.sending import Sender
from chassis.tasks import turned
from chassis.wake_ups import WakeUp, wake_after_commit
from chassis.words import seal_event, seals_of
from contracts.event import Act, Event, OfficialEvent, publisher_of, stream_of, subjects_of
from contracts.parts import SERVICES

log = structlog.get_logger()
BATCH = 500
# Well below what the broker takes (8 MiB), so that whatever commits can be sent.
MOST_EVENT_BYTES = 4 * 1024 * 1024
PACKING = Packing("chassis.packing", "events", versions=2)
RELAY = "relay"  # stands for a handler in the dead letters of what could not be sent
OUTBOX = "outbox"  # the wake-up of the relay
POLL_SECONDS = 0.1
PUBLISH_TIMEOUT_SECONDS = 15.0
GAUGE_EVERY_SECONDS = 5.0

# No RETURNING: who may add to the log may not read it (see `isolation`).
_INSERT = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(:ids::uuid[], :regions::text[], :aggregates::uuid[], :subjects::text[], :packed::bytea[])
        AS r(id, region, aggregate_id, subject, packed)
), logged AS (
    INSERT INTO {schema}.outbox (id, region, aggregate_id, subject, packed)
    SELECT id, region, aggregate_id, subject, packed FROM given
)
INSERT INTO {schema}.outbox_pending (id) SELECT id FROM given
"""


async def emit(session: AsyncSession, *events: Event) -> None:
    """Put on record that something happened: the events commit or vanish together with the caller's changes.

    Who acted is filled in and what officials wrote is sealed on the way, so that no caller can forget it.
    """
    if not events:
        return
    publisher = publisher_of(events[0].SUBJECT)
    parent = traceparent_now.get()
    packed = [PACKING.pack(_payload_of(_sealed(session, event, publisher), parent)) for event in events]
    await run(
        session,
        _INSERT.format(schema=publisher),
        ids=[event.id for event in events],
        regions=[event.region for event in events],
        aggregates=[event.aggregate_id for event in events],
        subjects=[event.SUBJECT for event in events],
        packed=packed,
    )
    wake_after_commit(session, OUTBOX)


def _sealed(session: AsyncSession, event: Event, publisher: str) -> Event:
    """An event as it leaves its service; ValueError for one that another service publishes."""
    if publisher_of(event.SUBJECT) != publisher:
        raise ValueError(f"{event.SUBJECT} does not belong to {publisher}")
    person = session.info.get(ACTING_PERSON)
    if person is not None and isinstance(event, Act):
        event = event.model_copy(update={"person": person})
    if isinstance(event, OfficialEvent):
        event = seal_event(event, seals_of(session).for_intake)
    return event


def _payload_of(event: Event, traceparent: str | None) -> bytes:
    """What goes on the wire, with the trace of the cause where the event has none of its own."""
    attributes = event.attributes()
    if traceparent is not None and attributes["traceparent"] is None:
        attributes["traceparent"] = traceparent
    payload = orjson.dumps(attributes)[:-1] + b',"data":' + event.data_json() + b"}"
    if len(payload) > MOST_EVENT_BYTES:
        raise TooLarge(
            "The event to be published takes more than {most} bytes.", values={"most": MOST_EVENT_BYTES}
        )
    return payload


def open_payload(packed: bytes | None, payload: str | None) -> str:
    """The envelope of an event of the log; empty when it is damaged. `payload`: in clear, of older versions."""
    if packed is None:
        return str(payload)
    try:
        return PACKING.unpack(packed).decode()
    except ValueError:
        return ""


def plain_dsn(url: str) -> dict[str, object]:
    """asyncpg's own connection arguments from a SQLAlchemy URL, as an engine takes them (socket directories included)."""
    parsed = make_url(url)
    _, arguments = parsed.get_dialect()().create_connect_args(parsed)
    return dict(arguments)


class Relay:
    """Puts one service's pending events on the wire, oldest first, pipelined, and forgets them when stored."""

    def __init__(self, service: str, database_url: str, broker: Broker, wake_up: WakeUp) -> None:
        self.service = service
        self.database_url = database_url
        self.broker = broker
        self.wake_up = wake_up
        self.sender = Sender(service, broker, PUBLISH_TIMEOUT_SECONDS)
        self._select = (
            f"SELECT p.position, p.replay, o.id, o.subject, o.packed, o.payload FROM {service}.outbox_pending p "
            f"JOIN {service}.outbox o ON o.id = p.id ORDER BY p.position LIMIT {BATCH}"
        )

    async def run(self) -> None:
        """Wait for the lock, then relay until the connection is lost (the supervisor starts again)."""
        await self.broker.ready()
        connection = await asyncpg.connect(
            **plain_dsn(self.database_url),
            timeout=10,
            command_timeout=60,
            # The pending table's statistics are always stale; without this a plan that scans the log appears.
            server_settings={"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
            | ALL_ROWS,
        )
        try:
            lock = f"SELECT pg_try_advisory_lock(hashtext('otklik relay {self.service}'))"
            while not await connection.fetchval(lock):  # noqa: ASYNC110 - another process holds it
                await asyncio.sleep(1.0)
            _count_from_nought(self.service)
            await self._restore_lost_stream(connection)
            await self._relay(connection)
        finally:
            connection.terminate()

    async def _relay(self, connection: asyncpg.Connection) -> None:
        loop = asyncio.get_running_loop()
        next_gauge = 0.0
        generation = self.broker.generation
        while True:
            if self.broker.generation != generation:
                # The server may have come back without its disk: begin again by looking at the stream.
                raise ConnectionError("reconnected to NATS")
            if loop.time() >= next_gauge:
                await self._measure(connection)
                next_gauge = loop.time() + GAUGE_EVERY_SECONDS
            await foreground.yield_to(SHORT_PATIENCE_SECONDS)
            relayed = await self._relay_some(connection)
            turned()
            if not relayed:
                await self.wake_up.wait(POLL_SECONDS)

    async def _relay_some(self, connection: asyncpg.Connection) -> bool:
        """The oldest of what is pending; False when there was nothing."""
        rows = await connection.fetch(self._select)
        if not rows:
            return False
        events = [_pending_event(row) for row in rows]
        outcome = await self.sender.send(events)
        await self._delete_pending(connection, outcome.stored)
        _count(events, outcome.stored)
        for event, reason in outcome.hopeless:
            await self._dead_letter(connection, event, reason)
        if outcome.failure is not None and not outcome.stored:
            raise outcome.failure  # nothing can be put on the wire
        return True

    async def _delete_pending(self, connection: asyncpg.Connection, positions: Sequence[int]) -> None:
        await connection.execute(
            f"DELETE FROM {self.service}.outbox_pending WHERE position = ANY($1::bigint[])", positions
        )

    async def _dead_letter(self, connection: asyncpg.Connection, event: PendingEvent, reason: str) -> None:
        """A dead letter of what cannot be sent; its payload stays in the log, `otklik dead retry` queues it again."""
        log.error("event cannot be sent", event_id=str(event.id), reason=reason)
        async with connection.transaction():
            await connection.execute(
                f"INSERT INTO {self.service}.dead_letter (event_id, handler, subject, payload, error) "
                "VALUES ($1, $2, $3, '', $4) ON CONFLICT (event_id, handler) "
                "DO UPDATE SET error = excluded.error, attempts = dead_letter.attempts + 1",
                event.id,
                RELAY,
                event.subject,
                reason,
            )
            await connection.execute(
                f"DELETE FROM {self.service}.outbox_pending WHERE position = $1", event.position
            )

    async def _restore_lost_stream(self, connection: asyncpg.Connection) -> None:
        """Losing the whole JetStream store loses nothing: every consumer gets the log again.

        That is written down before the stream is made, which happens once.
        """
        stream = stream_of(self.service)
        if await self.broker.has_stream(stream):
            return
        if await connection.fetchval(f"SELECT EXISTS (SELECT FROM {self.service}.outbox)"):
            log.warning("the stream is new: the event log is sent again", stream=stream)
            others = [consumer for consumer in SERVICES if consumer != self.service]
            await connection.execute(
                f"INSERT INTO {self.service}.replay (id, consumer, since, before) "
                "SELECT gen_random_uuid(), unnest($1::text[]), $2, $3",
                others,
                UUID(int=0),
                UUID(int=2**128 - 1),
            )
        await self.broker.ensure_stream(stream)

    async def _measure(self, connection: asyncpg.Connection) -> None:
        backlog, age = await connection.fetchrow(
            f"SELECT count(*) AS backlog, extract(epoch FROM greatest(now() - min(created_at), interval '0')) AS age "
            f"FROM {self.service}.outbox_pending"
        )
        OUTBOX_BACKLOG.set(backlog)
        OUTBOX_AGE.set(age or 0)


def _count_from_nought(service: str) -> None:
    """Series that began with their first event would hide it from whoever asks what has come since."""
    for subject in subjects_of(service):
        EVENTS_PUBLISHED.labels(subject)


def _count(events: Sequence[PendingEvent], stored: Sequence[int]) -> None:
    """What is now on the wire; not what is sent again, for what it tells happened once."""
    places = set(stored)
    new = Counter(event.subject for event in events if event.position in places and not event.replay)
    for subject, number in new.items():
        EVENTS_PUBLISHED.labels(subject).inc(number)


def _pending_event(row: asyncpg.Record) -> PendingEvent:
    position, replay, event_id, subject, packed, payload = row
    return PendingEvent(position, event_id, replay, subject, open_payload(packed, payload))


async def queue_again(session: AsyncSession, service: str, event_id: UUID) -> None:
    """Put one event of the log among the pending once more."""
    await run(session, f"INSERT INTO {service}.outbox_pending (id, replay) VALUES (:id, 1)", id=event_id)
    wake_after_commit(session, OUTBOX)
