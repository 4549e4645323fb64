"""The way back for events that were given up on: what could not be handled, and what could not be sent."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.applying import UNREADABLE, Applier
from chassis.bundles import unbundle
from chassis.db import rows, run
from chassis.errors import describe_error
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


async def retry_dead_letters(applier: Applier, limit: int = 1000) -> RetryResult:
    """Give dead letters another chance; those that work are deleted, the others keep their newest error."""
    result = RetryResult()
    table = applier.tables.dead_letter.fullname
    async with applier.sessions.begin() as session:
        letters = await rows(session, Letter, _OLDEST.format(table=table), limit=limit)
    for letter in letters:
        error = await _try_again(applier, letter)
        async with applier.sessions.begin() as session:
            await _settle(session, table, letter, error)
        result.failed += bool(error)
        result.handled += not error
    return result


async def _try_again(applier: Applier, letter: Letter) -> str:
    """What is still wrong; empty when it worked."""
    try:
        if letter.handler == RELAY:
            async with applier.sessions.begin() as session:
                await queue_again(session, applier.handlers.service, letter.event_id)
        else:
            await _apply_again(applier, letter)
    except Exception as error:
        return describe_error(error)
    return ""


async def _apply_again(applier: Applier, letter: Letter) -> None:
    (envelope,) = unbundle(letter.payload)
    event = applier.handlers.event_classes[letter.subject].from_envelope(envelope)
    for handler in applier.handlers.by_subject[letter.subject]:
        if letter.handler in (UNREADABLE, handler.name):
            await applier.apply_one(handler, event)


async def _settle(session: AsyncSession, table: str, letter: Letter, error: str) -> None:
    same = {"event_id": letter.event_id, "handler": letter.handler}
    if error:
        await run(session, _KEEP.format(table=table), **same, error=error)
    else:
        await run(session, _DELETE.format(table=table), **same)
