"""The consumer: nothing waits for ever, one bad event never spoils a batch.

A fetched batch is one transaction. If anything fails, the batch is repeated message by message and handler by handler; what
still fails comes back after 1 s, 5 s, 30 s, 2 min, 10 min and then becomes a dead letter with its error.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from uuid import UUID

import orjson
import structlog
from nats.aio.msg import Msg
from nats.js.errors import NotFoundError

from chassis.applying import UNREADABLE, Applier
from chassis.broker import Broker
from chassis.bundles import unbundle
from chassis.causes import cause_of, concerns_all
from chassis.handlers import Handler
from chassis.metrics import EVENT_RETRIES
from chassis.priority import foreground
from chassis.tasks import turned, waits_for
from contracts.event import Event

log = structlog.get_logger()
STREAM_SECONDS = 30.0  # in which the stream is made at the first start of all
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Delivery:
    """A message together with the events it carries."""

    message: Msg
    events: Sequence[Event]


class Consumer:
    """Pulls one stream for one service and applies its handlers."""

    def __init__(
        self,
        applier: Applier,
        stream: str,
        broker: Broker,
        retry_delays: Sequence[float],
        batch: int,
        linger_seconds: float = 0.002,
    ) -> None:
        self.applier = applier
        self.stream = stream
        self.broker = broker
        self.retry_delays = retry_delays
        self.batch = batch
        self.linger_seconds = linger_seconds
        self.durable = applier.handlers.service
        self.is_made = False  # the consumer on the server
        self._failures: Counter[tuple[str, str]] = Counter()  # by event and handler

    async def run(self) -> None:
        """Consume until something breaks; the supervisor starts again."""
        await self.broker.ready()
        await self._make()
        turned()
        # Closed at once when something breaks: what was fetched and not begun is given back.
        async with aclosing(self.broker.pull(self.stream, self.durable, self.linger_seconds)) as batches:
            async for messages in batches:
                await self.consume(messages)
                turned()

    async def _make(self) -> None:
        """The consumer on the server. Who publishes makes the stream, and may be a moment later than we are."""
        subjects = self.applier.handlers.subjects_by_stream()[self.stream]
        self.is_made = False
        deadline = asyncio.get_running_loop().time() + STREAM_SECONDS
        while True:
            try:
                await self.broker.ensure_consumer(self.stream, self.durable, subjects)
            except NotFoundError as error:
                if asyncio.get_running_loop().time() > deadline:
                    raise
                waits_for(cause_of(error))
                await asyncio.sleep(LOOK_SECONDS)
            else:
                self.is_made = True
                return

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
            await self.applier.apply_together(_by_subject(deliveries))
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
        event_class = self.applier.handlers.event_classes.get(message.subject)
        if event_class is None:
            return []
        try:
            envelopes = unbundle(message.data)
        except ValueError as error:
            await self.applier.set_aside(message.subject, _id_of(message), UNREADABLE, error, message.data)
            return []
        events = []
        for place, envelope in enumerate(envelopes):
            try:
                events.append(event_class.from_envelope(envelope))
            except Exception as error:
                event_id = _id_of(message, place, envelope)
                await self.applier.set_aside(
                    message.subject, event_id, UNREADABLE, error, orjson.dumps(envelope)
                )
        return events

    async def _apply_alone(self, delivery: Delivery) -> None:
        """Event by event and handler by handler. If one fails the message comes back; the inbox knows the others."""
        message = delivery.message
        delays = [
            await self._try_one(handler, event)
            for event in delivery.events
            for handler in self.applier.handlers.by_subject[message.subject]
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
            await self.applier.apply_one(handler, event)
        except Exception as error:
            if cause_of(error):
                return self.retry_delays[0]
            self._failures[key] += 1
            tries = self._failures[key]
            if tries <= len(self.retry_delays):
                EVENT_RETRIES.labels(handler.name).inc()
                return self.retry_delays[tries - 1]
            await self.applier.set_event_aside(handler, event, error)
        self._failures.pop(key, None)
        return 0.0


def _by_subject(deliveries: Iterable[Delivery]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for delivery in deliveries:
        found.setdefault(delivery.message.subject, []).extend(delivery.events)
    return found


def _id_of(message: Msg, place: int = 0, envelope: object = None) -> str:
    """The event's own id, or one made of its place in the stream when even that is unreadable."""
    if isinstance(envelope, dict):
        try:
            return str(UUID(str(envelope.get("id"))))
        except ValueError:
            pass
    return f"00000000-0000-7000-8{place % 4096:03x}-{message.metadata.sequence.stream:012x}"
