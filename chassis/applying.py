"""Applying a service's handlers to events: a batch is one transaction, and effects happen once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, open_work
from chassis.errors import describe_error
from chassis.handlers import Handler, HandlerFunction, Handlers
from chassis.inbox import enter_events, keys_of
from chassis.logs import traceparent_now
from chassis.metrics import EVENTS_HANDLED
from chassis.months import Months
from chassis.resources import Sessions
from chassis.spans import begin_span
from chassis.technical_tables import ChassisTables
from contracts.event import Event

log = structlog.get_logger()
UNREADABLE = "unreadable"  # stands for a handler in the dead letters of what cannot be read
_APPEAL = attrgetter("appeal_id")
Batch = Mapping[str, Sequence[Event]]  # by subject


@dataclass(frozen=True, slots=True)
class NewDeadLetter:
    """What could not be handled, and why."""

    event_id: str
    handler: str
    subject: str
    payload: bytes
    error: str


class Applier:
    """Applies the handlers of one service, each event once. `months`: where the rows of events long past lie, if known."""

    def __init__(
        self, handlers: Handlers, sessions: Sessions, tables: ChassisTables, months: Months | None = None
    ) -> None:
        self.handlers = handlers
        self.sessions = sessions
        self.tables = tables
        self.months = months

    async def apply_together(self, batch: Batch, *, again: bool = False) -> None:
        """Everything in one transaction: what is new is entered, then locked, then handled. `again`: all is new."""
        if self.months is not None:
            await self.months.make(_appeals_of(batch.values()))
        by_handler = self._by_handler(batch)
        if not by_handler:
            return
        async with self.sessions.begin() as session:
            await open_work(session)
            todo = by_handler if again else await self._fresh(session, by_handler)
            await self._handle(session, todo)

    async def apply_one(self, handler: Handler, event: Event, *, again: bool = False) -> None:
        """Apply one handler to one event in a transaction of its own, unless it has been applied before."""
        async with self.sessions.begin() as session:
            await open_work(session)
            todo = [(handler, [event])]
            await self._handle(session, todo if again else await self._fresh(session, todo))

    async def set_event_aside(self, handler: Handler, event: Event, error: Exception) -> None:
        """Keep one event for a person."""
        await self.set_aside(
            event.SUBJECT, str(event.id), handler.name, error, orjson.dumps(event.envelope())
        )

    async def set_aside(
        self, subject: str, event_id: str, handler: str, error: Exception, payload: bytes
    ) -> None:
        """Keep what could not be handled, with the reason, for `otklik dead list|retry`."""
        log.error("dead letter", subject=subject, handler=handler, error=type(error).__name__)
        letter = NewDeadLetter(event_id, handler, subject, payload, describe_error(error))
        async with self.sessions.begin() as session:
            await insert_rows(
                session,
                self.tables.dead_letter,
                [letter],
                on_conflict="(event_id, handler) DO UPDATE SET error = excluded.error, "
                "attempts = dead_letter.attempts + 1",
            )

    def _by_handler(self, batch: Batch) -> list[tuple[Handler, list[Event]]]:
        """What each handler is given, in the order of their names; nothing twice."""
        by_name: dict[str, tuple[Handler, dict[int, Event]]] = {}
        for subject, events in batch.items():
            for handler in self.handlers.by_subject.get(subject, ()):
                _, given = by_name.setdefault(handler.name, (handler, {}))
                given.update((event.id.int, event) for event in events)
        return [(handler, list(given.values())) for _, (handler, given) in sorted(by_name.items()) if given]

    async def _fresh(
        self, session: AsyncSession, todo: Sequence[tuple[Handler, list[Event]]]
    ) -> list[tuple[Handler, list[Event]]]:
        keys: dict[tuple[int, str], UUID] = {}
        for handler, events in todo:
            keys |= keys_of(handler.name, events)
        fresh = await enter_events(session, self.tables.inbox.fullname, keys)
        new = [
            (handler, [event for event in events if (event.id.int, handler.name) in fresh])
            for handler, events in todo
        ]
        return [(handler, events) for handler, events in new if events]

    async def _handle(self, session: AsyncSession, todo: Sequence[tuple[Handler, list[Event]]]) -> None:
        calls: dict[HandlerFunction[Any], list[Event]] = {}
        for handler, events in todo:
            calls.setdefault(handler.function, []).extend(events)
        if self.handlers.lock is not None and calls:
            await self.handlers.lock(session, [event for events in calls.values() for event in events])
        for function, events in calls.items():
            await _call(function, session, events)
        for handler, events in todo:
            EVENTS_HANDLED.labels(handler.name).inc(len(events))


async def _call(function: HandlerFunction[Any], session: AsyncSession, events: Sequence[Event]) -> None:
    """In the trace of the first event: those of one batch have many."""
    span = begin_span(events[0].traceparent, "consumer")
    token = traceparent_now.set(span.traceparent)
    failed = True
    try:
        await function(session, events)
        failed = False
    finally:
        traceparent_now.reset(token)
        span.end(f"handle {function.__name__}", failed=failed, messaging_batch_message__count=len(events))


def _appeals_of(batches: Iterable[Sequence[Event]]) -> Iterator[UUID]:
    """The appeals that events are about, where they are: their month is where the rows will lie."""
    for events in batches:
        if events and "appeal_id" in type(events[0]).model_fields:
            yield from map(_APPEAL, events)
