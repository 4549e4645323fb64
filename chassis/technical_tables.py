"""The technical tables every service has in its own schema."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import Index, MetaData, Table, text
from sqlalchemy.dialects.postgresql import JSONB

from chassis.tables import BIG, IDENTITY, NOW, SMALL, Key, Partition, default, define_table


@dataclass(frozen=True)
class ChassisTables:
    """Outbox, inbox, replays, dead letters, idempotency keys, key checks and daily runs of one schema."""

    outbox: Table
    outbox_pending: Table
    inbox: Table
    replay: Table
    dead_letter: Table
    idempotency_key: Table
    key_check: Table
    daily_run: Table


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """By which keys the data of this schema were made (see `keys`); the service may add to it, never change it."""

    name: Key[str]
    key_id: Key[int]
    check_value: bytes
    created_at: Annotated[datetime, NOW]


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer kept under a client's idempotency key."""

    client_id: Key[str]
    key_hash: Key[bytes]
    body_hash: bytes
    status: Annotated[int | None, SMALL]
    response: Annotated[Any, JSONB()] | None
    created_at: Annotated[datetime, NOW]


@dataclass(frozen=True, slots=True)
class DailyRun:
    """The day for which a daily work was last done (see `workers`)."""

    name: Key[str]
    day: date


@dataclass(frozen=True, slots=True)
class StoredReplay:
    """What is to be sent again of the log, newest first: from `since` on, and `before` what has been sent."""

    id: Key[UUID]
    consumer: str
    since: UUID
    before: UUID
    events: Annotated[int, BIG, default("0")]
    created_at: Annotated[datetime, NOW]
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class Logged:
    """An event in the permanent log. `payload`: in clear, in rows of older versions."""

    id: Key[UUID]
    region: str
    aggregate_id: UUID
    subject: str
    payload: str | None
    packed: bytes | None
    created_at: Annotated[datetime, NOW]


@dataclass(frozen=True, slots=True)
class Pending:
    """What the relay still has to put on the wire; `replay` > 0 gets past the broker's duplicate window."""

    position: Key[Annotated[int, BIG, IDENTITY]]
    id: UUID
    replay: Annotated[int, SMALL, default("0")]
    created_at: Annotated[datetime, NOW]


@dataclass(frozen=True, slots=True)
class Handled:
    """An event that a handler has seen.

    `late_at`: when, where that was long after it had happened: its day alone does not tell how long the broker may bring
    it again (see `housekeeping`).
    """

    event_id: Key[UUID]
    handler: Key[str]
    late_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event a handler gave up on."""

    event_id: Key[UUID]
    handler: Key[str]
    subject: str
    payload: bytes
    error: str
    attempts: Annotated[int, default("1")]
    created_at: Annotated[datetime, NOW]


def key_check_table(metadata: MetaData) -> Table:
    """Of a schema whose keys are proven."""
    return define_table(metadata, "key_check", KeyCheck)


def idempotency_table(metadata: MetaData) -> Table:
    """Of a schema whose answers are kept."""
    return define_table(metadata, "idempotency_key", StoredAnswer, Index(None, "created_at"))


def chassis_tables(metadata: MetaData) -> ChassisTables:
    """Declare the technical tables in a service's metadata."""
    late = Index("inbox_late_ix", "late_at", postgresql_where=text("late_at IS NOT NULL"))
    return ChassisTables(
        outbox=define_table(metadata, "outbox", Logged, partition=Partition("month", "id")),
        outbox_pending=define_table(metadata, "outbox_pending", Pending),
        inbox=define_table(metadata, "inbox", Handled, late, partition=Partition("day", "event_id")),
        replay=define_table(metadata, "replay", StoredReplay),
        dead_letter=define_table(metadata, "dead_letter", DeadLetter),
        idempotency_key=idempotency_table(metadata),
        key_check=key_check_table(metadata),
        daily_run=define_table(metadata, "daily_run", DailyRun),
    )
