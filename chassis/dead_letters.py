"""The way back for events that were given up on: what could not be handled, and what could not be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.bundles import unbundle
from chassis.db import rows, run
from chassis.errors import describe_error
from chassis.handlers import Handlers
from chassis.inbox import UNREADABLE, Consumer
from chassis.outbox import RELAY, queue_again
from chassis.service import RetryResult

_OLDEST = "SELECT event_id, handler, subject, payload FROM {table} ORDER BY created_at LIMIT :limit"
_DELETE = "DELETE FROM {table} WHERE event_id = :event_id AND handler = :handler"
_KEEP = """
UPDATE {table} SET error = :error, attempts = attempts + 1 WHERE event_id = :event_id AND handler = :handler
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is needed of a dead letter to try again."""

    event_id: UUID
    handler: str
    subject: str
    payload: bytes


async def retry_dead_letters(
    consumers: Sequence[Consumer], handlers: Handlers, limit: int = 1000
) -> RetryResult:
    """Give dead letters another chance; those that work are deleted, the others keep their newest error."""
    result = RetryResult()
    if not consumers:
        return result
    consumer = consumers[0]
    table = consumer.tables.dead_letter.fullname
    async with consumer.sessions.begin() as session:
        letters = await rows(session, Letter, _OLDEST.format(table=table), limit=limit)
    for letter in letters:
        error = await _try_again(consumer, handlers, letter)
        statement = (_KEEP if error else _DELETE).format(table=table)
        async with consumer.sessions.begin() as session:
            await run(session, statement, event_id=letter.event_id, handler=letter.handler, error=error)
        result.failed += bool(error)
        result.handled += not error
    return result


async def _try_again(consumer: Consumer, handlers: Handlers, letter: Letter) -> str:
    """What is still wrong; empty when it worked."""
    try:
        if letter.handler == RELAY:
            async with consumer.sessions.begin() as session:
                await queue_again(session, handlers.service, letter.event_id)
        else:
            await _apply_again(consumer, handlers, letter)
    except Exception as error:
        return describe_error(error)
    return ""


async def _apply_again(consumer: Consumer, handlers: Handlers, letter: Letter) -> None:
    (envelope,) = unbundle(letter.payload)
    event = handlers.event_classes[letter.subject].from_envelope(envelope)
    for handler in handlers.by_subject[letter.subject]:
        if letter.handler in (UNREADABLE, handler.name):
            await consumer.apply_one(handler, event)
