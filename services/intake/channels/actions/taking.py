"""Taking deliveries: a whole group in one transaction, each delivery once however often and in whatever order it comes.

Whoever takes deliveries of a page holds its lock until the commit, so that two messages of one person that come at the same
time make one appeal. Registration would let them pass one after the other anyway: a region has one counter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import begin_with, encode_rows, insert_rows, rows, run, update_rows
from chassis.outbox import emit
from chassis.problems import Problem
from chassis.sealing import SealBroken
from contracts.intake import AppealClarified, AppealSourceChanged
from services.intake.channels.actions.arriving import (
    Arrival,
    Arrived,
    Outcome,
    Uncounted,
    hash_conversation,
    open_evidence,
)
from services.intake.channels.actions.placement import Item, ItemKey, Placement
from services.intake.channels.rules.connection import Connection
from services.intake.channels.rules.placing import Source
from services.intake.history.actions import record_events
from services.intake.history.rules.statuses import AppealStatus
from services.intake.keys import AppealKey
from services.intake.originals.rules import Secrets
from services.intake.registration.actions.registering import submit_appeals
from services.intake.tables import channel_delivery, clarification

log = structlog.get_logger()
_LOCK = """
SELECT pg_advisory_xact_lock(hashtextextended('channel ' || c.id, 0))
FROM (SELECT DISTINCT id FROM unnest($1::text[]) AS i(id) ORDER BY id) AS c
"""
_ITEMS = """
SELECT d.connection_id, d.event, d.item, d.appeal_id, coalesce(a.danger, false) AS danger, d.received_at, d.key_id,
    CASE WHEN d.change <> 'unread' AND (d.appeal_id IS NULL OR d.at = max(d.at) FILTER (WHERE d.change NOT IN ('unread', 'deleted'))
        OVER (PARTITION BY d.connection_id, d.item)) THEN d.sealed END AS sealed
FROM intake.channel_delivery d
JOIN unnest(:connections::uuid[], :items::bytea[]) AS k(connection_id, item)
    ON d.connection_id = k.connection_id AND d.item = k.item
LEFT JOIN intake.appeal a ON a.region = d.region AND a.id = d.appeal_id
ORDER BY d.appeal_id, d.at, d.received_at
"""
_SOURCES = """
SELECT DISTINCT ON (s.connection_id, s.conversation) s.connection_id, s.conversation, s.region, s.appeal_id, s.post_url,
    s.last_at, a.status
FROM intake.channel_source s
JOIN unnest(:connections::uuid[], :conversations::bytea[]) AS k(connection_id, conversation)
    ON s.connection_id = k.connection_id AND s.conversation = k.conversation
JOIN intake.appeal a ON a.region = s.region AND a.id = s.appeal_id
ORDER BY s.connection_id, s.conversation, s.appeal_id DESC
"""


async def take_arrivals(
    session: AsyncSession, secrets: Secrets, arrived: Sequence[Arrived], patience: timedelta
) -> list[Outcome | Problem]:
    """Register, join, record and count; what became of each, in order.

    `patience`: how long a change waits for the message that it changes.
    """
    await lock_connections(session, [each.connection.id for each in arrived])
    arrivals = [each for each in arrived if isinstance(each, Arrival)]
    placement = await read_placement(session, secrets, arrivals, patience)
    outcomes = [_take(placement, each) for each in arrived]
    await write_placement(session, placement, count_outcomes(arrived, outcomes))
    return list(outcomes)


def _take(placement: Placement, arrived: Arrived) -> Outcome:
    if isinstance(arrived, Arrival):
        return placement.take(arrived)
    assert isinstance(arrived, Uncounted)
    return arrived.outcome


async def lock_connections(session: AsyncSession, ids: Sequence[UUID]) -> None:
    """Until the transaction ends nobody else takes deliveries of these pages."""
    await begin_with(session, _LOCK, sorted({str(each) for each in ids}))


@dataclass(frozen=True, slots=True)
class _Kept:
    connection_id: UUID
    event: bytes
    item: bytes
    appeal_id: UUID | None
    danger: bool
    received_at: datetime
    key_id: int
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class _FoundSource:
    connection_id: UUID
    conversation: bytes
    region: str
    appeal_id: UUID
    post_url: str | None
    last_at: datetime
    status: AppealStatus


async def read_placement(
    session: AsyncSession, secrets: Secrets, arrivals: Sequence[Arrival], patience: timedelta
) -> Placement:
    """What is known of the messages and persons that deliveries are about. Behind the lock."""
    connections = {each.connection.id: each.connection for each in arrivals}
    keys = {(each.connection.id, each.item) for each in arrivals}
    return await read_placement_of(session, secrets, connections, keys, arrivals, patience)


async def read_placement_of(
    session: AsyncSession,
    secrets: Secrets,
    connections: Mapping[UUID, Connection],
    keys: Collection[ItemKey],
    arrivals: Sequence[Arrival],
    patience: timedelta,
) -> Placement:
    """The same of the messages with these keys, whether something arrives for them or not."""
    items: dict[ItemKey, Item] = {}
    known: set[ItemKey] = set()
    for kept in await _read_kept(session, sorted(keys)):
        known.add((kept.connection_id, kept.event))
        item = items.setdefault((kept.connection_id, kept.item), Item())
        item.appeal_id = kept.appeal_id or item.appeal_id  # the newest: of its own where it became a danger
        item.is_danger = item.is_danger or kept.danger
        for opened in _open(secrets, connections[kept.connection_id], kept):
            item.learn(opened)
            if kept.appeal_id is None:
                item.pending.append(opened)
    pending = [each for item in items.values() for each in item.pending]
    sources = await _read_sources(session, [*arrivals, *pending])
    return Placement(secrets, patience, items, sources, known)


async def _read_kept(session: AsyncSession, keys: Sequence[ItemKey]) -> list[_Kept]:
    if not keys:
        return []
    connections, items = zip(*keys, strict=True)
    return await rows(session, _Kept, _ITEMS, connections=list(connections), items=list(items))


async def _read_sources(session: AsyncSession, arrivals: Sequence[Arrival]) -> dict[ItemKey, Source]:
    keys = sorted({(each.connection.id, each.conversation or each.item) for each in arrivals})
    if not keys:
        return {}
    connections, conversations = zip(*keys, strict=True)
    found = await rows(
        session, _FoundSource, _SOURCES, connections=list(connections), conversations=list(conversations)
    )
    return {
        (each.connection_id, each.conversation): Source(
            each.region, each.appeal_id, each.status, each.post_url, each.last_at
        )
        for each in found
    }


def _open(secrets: Secrets, connection: Connection, kept: _Kept) -> list[Arrival]:
    """A delivery that waits, or has a message's last words, as it came; none of others, nor where it does not open, which keeps no
    other message back."""
    if kept.sealed is None:
        return []
    try:
        evidence = open_evidence(secrets, kept.event, kept.key_id, kept.sealed)
    except SealBroken as error:
        log.error("delivery does not open", connection_id=str(connection.id), problem=str(error))
        return []
    arrival = Arrival(
        connection,
        kept.received_at,
        delivery=evidence.delivery,
        event=kept.event,
        item=kept.item,
        conversation=hash_conversation(secrets, connection, evidence.delivery),
        key_id=kept.key_id,
        sealed=kept.sealed,
    )
    return [arrival]


@dataclass(frozen=True, slots=True)
class _Attached:
    connection_id: UUID
    event: bytes
    appeal_id: UUID
    waits_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """What to add to what a page's connection shows of itself."""

    region: str
    connection_id: UUID
    outcome: Outcome
    count: int
    last_at: datetime


def count_outcomes(arrived: Sequence[Arrived], outcomes: Sequence[Outcome]) -> list[Count]:
    """How often what became of deliveries, by connection."""
    if not arrived:
        return []
    counts = Counter(
        (each.connection.region, each.connection.id, outcome)
        for each, outcome in zip(arrived, outcomes, strict=True)
    )
    last_at = max(each.received_at for each in arrived)
    return [Count(*key, count, last_at) for key, count in sorted(counts.items())]


# In one statement: each costs a flood more than its rows do.
_WRITE = """
WITH kept AS (
    INSERT INTO intake.channel_delivery (region, connection_id, event, item, change, at, received_at, appeal_id,
        waits_until, key_id, sealed)
    SELECT * FROM json_to_recordset(:kept::json) AS r(region text, connection_id uuid, event bytea, item bytea, change text,
        at timestamptz, received_at timestamptz, appeal_id uuid, waits_until timestamptz, key_id smallint, sealed bytea)
), sources AS (
    INSERT INTO intake.channel_source (region, appeal_id, connection_id, conversation, post_url, last_at)
    SELECT * FROM json_to_recordset(:sources::json) AS r(region text, appeal_id uuid, connection_id uuid,
        conversation bytea, post_url text, last_at timestamptz)
    ON CONFLICT (region, appeal_id) DO UPDATE SET last_at = excluded.last_at
)
INSERT INTO intake.channel_count AS c (region, connection_id, outcome, count, last_at)
SELECT * FROM json_to_recordset(:counts::json) AS r(region text, connection_id uuid, outcome text, count bigint,
    last_at timestamptz)
ON CONFLICT (region, connection_id, outcome) DO UPDATE SET count = c.count + excluded.count,
    last_at = greatest(c.last_at, excluded.last_at)
"""


async def write_placement(session: AsyncSession, placement: Placement, counts: Sequence[Count] = ()) -> None:
    """Everything that was decided."""
    if placement.submissions:
        for outcome in await submit_appeals(session, placement.secrets, placement.submissions):
            if isinstance(outcome, Problem):
                raise outcome
    await run(
        session,
        _WRITE,
        kept=encode_rows(placement.kept),
        sources=encode_rows(placement.written.values()),
        counts=encode_rows(counts),
    )
    attached = [
        _Attached(each.connection.id, each.event, appeal_id) for each, appeal_id in placement.attached
    ]
    await update_rows(session, channel_delivery, attached, keys=("connection_id", "event"))
    await insert_rows(session, clarification, placement.clarifications)
    if placement.events:
        await _record(session, placement.events)


async def _record(session: AsyncSession, events: Sequence[AppealClarified | AppealSourceChanged]) -> None:
    """Into the histories and on the wire, there with the appeals' versions."""
    recorded = await record_events(session, events)
    states = {key: found.state for key, found in recorded.projections.items()}
    await emit(
        session,
        *(
            event.model_copy(update={"sequence": states[AppealKey(event.region, event.appeal_id)].version})
            for event in events
        ),
    )
