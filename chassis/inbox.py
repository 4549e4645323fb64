"""The consumer: effects happen once, nothing waits for ever, one bad event never spoils a batch.

A fetched batch is one transaction: inbox rows (sorted, so replicas do not deadlock), the locks of what is to be changed
where several handlers follow, then each handler with its new events. If anything fails, the batch is repeated message by message and handler by handler; what still fails
comes back after 1 s, 5 s, 30 s, 2 min, 10 min and then becomes a dead letter with its error.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog
from nats.aio.msg import Msg
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.broker import Broker
from chassis.bundles import unbundle
from chassis.causes import cause_of, concerns_all
from chassis.db import insert_rows, open_work, rows, run
from chassis.errors import describe_error
from chassis.handlers import Handler, Handlers
from chassis.months import Months
from chassis.partitions import lowest_uuid7
from chassis.priority import foreground
from chassis.settings import LATE_DAYS
from chassis.tables import ChassisTables
from chassis.tasks import turned
from chassis.telemetry import EVENT_RETRIES, EVENTS_HANDLED, continue_trace, traceparent_now
from contracts.event import Event

log = structlog.get_logger()
UNREADABLE = "unreadable"
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


@dataclass(frozen=True)
class Delivery:
    """A message together with the events it carries."""

    message: Msg
    events: Sequence[Event]


class Consumer:
    """Pulls one stream for one service and applies its handlers."""

    def __init__(
        self,
        handlers: Handlers,
        stream: str,
        broker: Broker,
        sessions: async_sessionmaker[AsyncSession],
        tables: ChassisTables,
        retry_delays: Sequence[float],
        batch: int,
        linger_seconds: float = 0.002,
        months: Months | None = None,
    ) -> None:
        self.handlers = handlers
        self.stream = stream
        self.broker = broker
        self.sessions = sessions
        self.tables = tables
        self.retry_delays = retry_delays
        self.batch = batch
        self.linger_seconds = linger_seconds
        self.months = months
        self.durable = handlers.service
        self._failures: Counter[tuple[str, str]] = Counter()  # by event and handler

    async def run(self) -> None:
        """Consume until something breaks; the supervisor starts again."""
        await self.broker.ready()
        await self.broker.ensure_consumer(
            self.stream, self.durable, self.handlers.subjects_by_stream()[self.stream]
        )
        turned()
        # Closed at once when something breaks: what was fetched and not begun is given back.
        async with aclosing(self.broker.pull(self.stream, self.durable, self.linger_seconds)) as batches:
            async for messages in batches:
                await self.consume(messages)
                turned()

    async def consume(self, messages: Sequence[Msg]) -> None:
        """Apply what was fetched, about `batch` events a transaction, and acknowledge it."""
        try:
            waiting = deque([Delivery(message, await self._read(message)) for message in messages])
            while waiting:
                await foreground.yield_to()
                together = self._take(waiting)
                if waiting:  # more than one transaction: nobody may take a long wait for a lost consumer
                    for delivery in (*together, *waiting):
                        await delivery.message.in_progress()
                await self._apply(together)
        except Exception as error:
            if concerns_all(error):
                # The database is away, or full: nothing of the batch is the cause. Unacknowledged, it comes back.
                await self._give_back(messages)
            raise

    def _take(self, waiting: deque[Delivery]) -> list[Delivery]:
        """The first of the waiting, at least one, as many as fit into a transaction."""
        together = [waiting.popleft()]
        size = len(together[0].events)
        while waiting and size + len(waiting[0].events) <= self.batch:
            size += len(waiting[0].events)
            together.append(waiting.popleft())
        return together

    async def _apply(self, deliveries: Sequence[Delivery]) -> None:
        try:
            await self.apply_together(_by_subject(deliveries))
        except Exception as error:
            if concerns_all(error):
                raise
            log.warning("batch repeated one by one", size=len(deliveries), error=type(error).__name__)
            for delivery in deliveries:
                await self._apply_alone(delivery)
            return
        for delivery in deliveries:
            await delivery.message.ack()

    async def _give_back(self, messages: Sequence[Msg]) -> None:
        for message in messages:
            if not message.is_acked:
                await message.nak(delay=self.retry_delays[0])

    async def _read(self, message: Msg) -> list[Event]:
        """The events of a message that somebody here handles; what is wrong with the others a person must look at."""
        event_class = self.handlers.event_classes.get(message.subject)
        if event_class is None:
            return []
        try:
            envelopes = unbundle(message.data)
        except ValueError as error:
            await self._dead_letter(message.subject, _id_of(message), UNREADABLE, error, message.data)
            return []
        events = []
        for place, envelope in enumerate(envelopes):
            try:
                events.append(event_class.from_envelope(envelope))
            except Exception as error:
                event_id = _id_of(message, place, envelope)
                await self._dead_letter(message.subject, event_id, UNREADABLE, error, orjson.dumps(envelope))
        return events

    async def apply_together(self, by_subject: Mapping[str, Sequence[Event]], *, again: bool = False) -> None:
        """Everything in one transaction: what is new is entered, then locked, then handled. `again`: all is new."""
        if self.months is not None:
            await self.months.make(_appeals_of(by_subject.values()))
        by_handler: dict[str, tuple[Handler, dict[int, Event]]] = {}
        for subject, events in by_subject.items():
            for handler in self.handlers.by_subject.get(subject, ()):
                _, known = by_handler.setdefault(handler.name, (handler, {}))
                known.update((event.id.int, event) for event in events)
        keys = {
            (number, name): event.id
            for name, (_, events) in by_handler.items()
            for number, event in events.items()
        }
        if not keys:
            return
        async with self.sessions.begin() as session:
            await open_work(session)
            fresh = set(keys) if again else await self._enter(session, keys)
            todo = [
                (handler, [event for number, event in events.items() if (number, name) in fresh])
                for name, (handler, events) in sorted(by_handler.items())
            ]
            await self._handle(session, [(handler, new) for handler, new in todo if new])

    async def _handle(self, session: AsyncSession, todo: Sequence[tuple[Handler, Sequence[Event]]]) -> None:
        if self.handlers.lock is not None and len(todo) > 1:
            await self.handlers.lock(session, [event for _, new in todo for event in new])
        for handler, new in todo:
            token = traceparent_now.set(continue_trace(new[0].traceparent))
            try:
                await handler.function(session, new)
            finally:
                traceparent_now.reset(token)
            EVENTS_HANDLED.labels(handler.name).inc(len(new))

    async def _enter(self, session: AsyncSession, keys: Mapping[Key, UUID]) -> set[Key]:
        """Write inbox rows (of the events' ids by key); returns the keys that were not there."""
        inbox, ordered = self.tables.inbox.fullname, sorted(keys)
        old = lowest_uuid7(datetime.now(UTC) - timedelta(days=LATE_DAYS))
        entered = await rows(session, Entry, _ENTER.format(inbox=inbox), **_columns(keys, ordered), old=old)
        fresh = {(entry.event_id.int, entry.handler) for entry in entered}
        late = [key for key in ordered if key[0] < old.int and key not in fresh]
        if late:  # known for long, and brought again: it may come once more for as long again
            await run(session, _LATE.format(inbox=inbox), **_columns(keys, late))
        return fresh

    async def _apply_alone(self, delivery: Delivery) -> None:
        """Event by event and handler by handler. If one fails the message comes back; the inbox knows the others."""
        message = delivery.message
        delays = [
            await self._try_one(handler, event)
            for event in delivery.events
            for handler in self.handlers.by_subject[message.subject]
        ]
        delay = max(delays, default=0.0)
        if delay:
            await message.nak(delay=delay)
        else:
            await message.ack()

    async def _try_one(self, handler: Handler, event: Event) -> float:
        """Seconds to wait before the next try; 0 when there is none.

        Tries are counted here: the server's own count also grows when a message was only waited for too long.
        """
        key = (str(event.id), handler.name)
        try:
            await self.apply_one(handler, event)
        except Exception as error:
            if cause_of(error):
                return self.retry_delays[0]
            self._failures[key] += 1
            tries = self._failures[key]
            if tries <= len(self.retry_delays):
                EVENT_RETRIES.labels(handler.name).inc()
                return self.retry_delays[tries - 1]
            await self.dead_letter_event(handler, event, error)
        self._failures.pop(key, None)
        return 0.0

    async def apply_one(self, handler: Handler, event: Event, *, again: bool = False) -> bool:
        """Apply one handler to one event in a transaction of its own; False when it had been applied before."""
        async with self.sessions.begin() as session:
            await open_work(session)
            if not again and not await self._enter(session, {(event.id.int, handler.name): event.id}):
                return False
            await self._handle(session, [(handler, [event])])
        return True

    async def dead_letter_event(self, handler: Handler, event: Event, error: Exception) -> None:
        """Set one event aside for a person."""
        await self._dead_letter(
            event.SUBJECT, str(event.id), handler.name, error, orjson.dumps(event.envelope())
        )

    async def _dead_letter(
        self, subject: str, event_id: str, handler: str, error: Exception, payload: bytes
    ) -> None:
        """Keep what could not be handled, with the reason, for `otklik dead list|retry`."""
        log.error("dead letter", subject=subject, handler=handler, error=type(error).__name__)
        async with self.sessions.begin() as session:
            await insert_rows(
                session,
                self.tables.dead_letter,
                [
                    {
                        "event_id": event_id,
                        "handler": handler,
                        "subject": subject,
                        "payload": payload,
                        "error": describe_error(error),
                    }
                ],
                on_conflict="(event_id, handler) DO UPDATE SET error = excluded.error, "
                "attempts = dead_letter.attempts + 1",
            )


def _columns(ids: Mapping[Key, UUID], keys: Sequence[Key]) -> dict[str, Any]:
    return {"ids": [ids[key] for key in keys], "handlers": [handler for _, handler in keys]}


def _by_subject(deliveries: Iterable[Delivery]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for delivery in deliveries:
        found.setdefault(delivery.message.subject, []).extend(delivery.events)
    return found


def _appeals_of(batches: Iterable[Sequence[Event]]) -> Iterator[UUID]:
    """The appeals that events are about, where they are: their month is where the rows will lie."""
    for events in batches:
        if events and "appeal_id" in type(events[0]).model_fields:
            yield from (event.appeal_id for event in events)  # type: ignore[attr-defined]


def _id_of(message: Msg, place: int = 0, envelope: object = None) -> str:
    """The event's own id, or one made of its place in the stream when even that is unreadable."""
    if isinstance(envelope, dict):
        try:
            return str(UUID(str(envelope.get("id"))))
        except ValueError:
            pass
    return f"00000000-0000-7000-8{place % 4096:03x}-{message.metadata.sequence.stream:012x}"
