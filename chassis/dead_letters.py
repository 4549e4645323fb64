"""The way back for events that were given up on: what could not be handled, and what could not be sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import text

from chassis.bundles import unbundle
from chassis.errors import describe_error
from chassis.handlers import Handlers
from chassis.inbox import UNREADABLE, Consumer
from chassis.outbox import RELAY, queue_again


async def retry_dead_letters(
    consumers: Sequence[Consumer], handlers: Handlers, limit: int = 1000
) -> dict[str, int]:
    """Give dead letters another chance; those that work are forgotten, the others keep their newest error."""
    counts: dict[str, int] = defaultdict(int)
    if not consumers:
        return counts
    consumer = consumers[0]
    table = consumer.tables.dead_letter.fullname
    async with consumer.sessions.begin() as session:
        rows = list(
            await session.execute(
                text(
                    f"SELECT event_id, handler, subject, payload FROM {table} ORDER BY created_at LIMIT :limit"
                ),
                {"limit": limit},
            )
        )
    for event_id, name, subject, payload in rows:
        try:
            if name == RELAY:
                async with consumer.sessions.begin() as session:
                    await queue_again(session, handlers.service, event_id)
            else:
                await _apply_again(consumer, handlers, subject, name, payload)
            statement = f"DELETE FROM {table} WHERE event_id = :event_id AND handler = :handler"
            parameters = {"event_id": event_id, "handler": name}
            counts["handled"] += 1
        except Exception as error:
            statement = (
                f"UPDATE {table} SET error = :error, attempts = attempts + 1 "
                "WHERE event_id = :event_id AND handler = :handler"
            )
            parameters = {"event_id": event_id, "handler": name, "error": describe_error(error)}
            counts["failed"] += 1
        async with consumer.sessions.begin() as session:
            await session.execute(text(statement), parameters)
    return counts


async def _apply_again(
    consumer: Consumer, handlers: Handlers, subject: str, name: str, payload: bytes
) -> None:
    (envelope,) = unbundle(payload)
    event = handlers.event_classes[subject].from_envelope(envelope)
    for handler in handlers.by_subject[subject]:
        if name in (UNREADABLE, handler.name):
            await consumer.apply_one(handler, event)
