"""Asking networks, each page by one process at a time: OK's groups from where they were read to, MAX whether it still delivers."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows, run
from services.intake.channels.actions.arriving import Arrival, Arrived, hash_item, prepare_arrival
from services.intake.channels.actions.ok_client import OkClient
from services.intake.channels.queries.connections import SELECT, KeptConnection
from services.intake.channels.rules import ok
from services.intake.channels.rules.connection import Connection
from services.intake.originals.rules import Secrets

LEASE: Final = timedelta(minutes=5)  # longer than a look takes; a process that dies in it keeps nobody longer
LONGEST_REST: Final = timedelta(hours=1)
MOST_FAILURES: Final = 20  # counted; whatever a page is asked every, it rests longest before
DISCUSSIONS, COMMENTS = 50, 100  # a page
# What one look may cost; the rest of the lease is for taking what was read.
MOST_CALLS: Final = 500
LOOK_SECONDS: Final = 180.0
# Comments are read again from so long before the last look: they appear late, and change.
OVERLAP: Final = timedelta(hours=24)

_ENTER: Final = """
INSERT INTO intake.channel_poll (region, connection_id, lease_until, next_at, failures)
SELECT c.region, c.id, :now, :now, 0 FROM intake.channel_connection c WHERE c.network IN ('ok', 'max') AND c.state = 'active'
ON CONFLICT DO NOTHING
"""
_LEASE: Final = """
UPDATE intake.channel_poll p SET lease_until = :until
WHERE (p.region, p.connection_id) = (
    SELECT p.region, p.connection_id FROM intake.channel_poll p
    JOIN intake.channel_connection c ON c.region = p.region AND c.id = p.connection_id
    WHERE c.state = 'active' AND p.next_at <= :now AND p.lease_until <= :now
    ORDER BY p.next_at LIMIT 1 FOR UPDATE OF p SKIP LOCKED)
RETURNING p.connection_id, p.read_to, p.failures, p.lease_until
"""
_FREE: Final = """
UPDATE intake.channel_poll SET lease_until = :now, next_at = :next_at, read_to = coalesce(:read_to, read_to),
    failures = :failures WHERE connection_id = :id AND lease_until = :lease
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """A page that this process asks now, until `lease_until`."""

    connection_id: UUID
    read_to: datetime | None
    failures: int
    lease_until: datetime


async def lease_page(session: AsyncSession, now: datetime) -> tuple[Turn, KeptConnection] | None:
    """The page that is due longest, for this process alone; None when none is."""
    await run(session, _ENTER, now=now)
    turn = await row(session, Turn, _LEASE, now=now, until=now + LEASE)
    if turn is None:
        return None
    [kept] = await rows(session, KeptConnection, SELECT + "WHERE c.id = :id", id=turn.connection_id)
    return turn, kept


async def free_page(
    session: AsyncSession, turn: Turn, now: datetime, every: timedelta, read_to: datetime | None
) -> None:
    """Give the page back, unless the lease ran out and another process has it. `read_to` None: it could not be read, and is
    asked again later each time."""
    failures = 0 if read_to else min(turn.failures + 1, MOST_FAILURES)
    rest = every if read_to else min(every * 2**failures, LONGEST_REST)
    await run(
        session,
        _FREE,
        id=turn.connection_id,
        lease=turn.lease_until,
        now=now,
        next_at=now + rest,
        read_to=read_to,
        failures=failures,
    )


@dataclass(frozen=True, slots=True)
class ReadComment:
    """A comment as it was read, and where it stands."""

    comment: ok.Comment
    discussion: ok.Discussion


@dataclass(slots=True)
class Look:
    """One look at a page: what was written since a moment, as far as calls and time (s, monotonic) went."""

    client: OkClient
    connection: Connection
    since: datetime
    until: float
    calls: int = 0
    is_whole: bool = True
    read: list[ReadComment] = field(default_factory=list)

    def may_ask(self) -> bool:
        """Whether another call is within bounds; otherwise the look is not whole."""
        self.calls += 1
        self.is_whole = self.is_whole and self.calls <= MOST_CALLS and time.monotonic() < self.until
        return self.is_whole


async def read_page(client: OkClient, connection: Connection, since: datetime) -> Look:
    """Comments of the group's discussions since a moment, oldest first. NetworkAway when it cannot be asked."""
    look = Look(client, connection, since, time.monotonic() + LOOK_SECONDS)
    for discussion in await _read_discussions(look):
        await _read_discussion(look, discussion)
    look.read.sort(key=lambda each: each.comment.written_at or since)
    return look


async def _read_discussions(look: Look) -> list[ok.Discussion]:
    """Those in which something may have been written since; one that moves up while others are read counts once."""
    read: dict[tuple[str, str], ok.Discussion] = {}
    anchor: str | None = None
    while look.may_ask():
        page = await look.client.discussions(look.connection.page.id, DISCUSSIONS, anchor)
        lively = [each for each in page.discussions if each.last_at is None or each.last_at >= look.since]
        read |= {(each.object_type, each.object_id): each for each in lively}
        anchor = page.anchor
        if not page.has_more or not anchor or not lively:
            break
    return list(read.values())


async def _read_discussion(look: Look, discussion: ok.Discussion) -> None:
    anchor: str | None = None
    while look.may_ask():
        page = await look.client.comments(discussion, COMMENTS, anchor)
        new = [each for each in page.comments if each.written_at is None or each.written_at >= look.since]
        look.read += [ReadComment(each, discussion) for each in new]
        anchor = page.anchor
        if not page.has_more or not anchor or len(new) < len(page.comments):
            break


_KNOWN: Final = """
SELECT item, event FROM intake.channel_delivery WHERE connection_id = :id AND item = ANY(:items)
"""


@dataclass(frozen=True, slots=True)
class _Known:
    item: bytes
    event: bytes


async def fresh_arrivals(
    session: AsyncSession,
    secrets: Secrets,
    connection: Connection,
    comments: Sequence[ReadComment],
    now: datetime,
) -> list[Arrived]:
    """Comments that were not read before, or with other words, in their order."""
    items = sorted({hash_item(secrets, connection, each.comment.id) for each in comments})
    known = await rows(session, _Known, _KNOWN, id=connection.id, items=items)
    read_before, events = {each.item for each in known}, {each.event for each in known}
    arrived: list[Arrived] = []
    for each in comments:
        is_known = hash_item(secrets, connection, each.comment.id) in read_before
        reading = ok.read_comment(each.comment, each.discussion, connection.page, is_known=is_known)
        payload = orjson.dumps(each.comment.model_dump())
        made = prepare_arrival(secrets, Arrived(connection, now), reading, payload)
        if isinstance(made, Arrival) and made.event not in events:
            arrived.append(made)
    return arrived
