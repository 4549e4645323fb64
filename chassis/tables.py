"""The technical tables every service has in its own schema, and column types they share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

XID_DEFAULT = text("(pg_current_xact_id()::text::bigint)")


def instant(name: str, *, nullable: bool = True, now: bool = False) -> Column[datetime]:
    """A timestamptz column; with `now` it defaults to the database clock."""
    return Column(
        name,
        DateTime(timezone=True),
        nullable=nullable and not now,
        server_default=text("now()") if now else None,
    )


def feed_columns() -> tuple[Column[Any], ...]:
    """Position of a row in a delta feed that no concurrent writer can make a reader miss (see `feeds`)."""
    return (
        Column("xid", BigInteger, nullable=False, server_default=XID_DEFAULT),
        Column("position", BigInteger, Identity(always=True), nullable=False),
    )


@dataclass(frozen=True)
class ChassisTables:
    """Outbox, inbox, replays, dead letters, idempotency keys and key checks of one schema."""

    outbox: Table
    outbox_pending: Table
    inbox: Table
    replay: Table
    dead_letter: Table
    idempotency_key: Table
    key_check: Table


def key_check_table(metadata: MetaData) -> Table:
    """By which keys the data of this schema were made (see `keys`); the service may add to it, never change it."""
    return Table(
        "key_check",
        metadata,
        Column("name", Text, primary_key=True),
        Column("key_id", Integer, primary_key=True),
        Column("check_value", LargeBinary, nullable=False),
        instant("created_at", now=True),
    )


def idempotency_table(metadata: MetaData) -> Table:
    """Answers kept under the clients' idempotency keys."""
    return Table(
        "idempotency_key",
        metadata,
        Column("client_id", Text, primary_key=True),
        Column("key_hash", LargeBinary, primary_key=True),
        Column("body_hash", LargeBinary, nullable=False),
        Column("status", SmallInteger),
        Column("response", JSONB),
        instant("created_at", now=True),
        Index(None, "created_at"),
    )


def replay_table(metadata: MetaData) -> Table:
    """What is to be sent again of the log, newest first: from `since` on, and `before` what has been sent."""
    return Table(
        "replay",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("consumer", Text, nullable=False),
        Column("since", Uuid, nullable=False),
        Column("before", Uuid, nullable=False),
        Column("events", BigInteger, nullable=False, server_default="0"),
        instant("created_at", now=True),
        instant("finished_at"),
    )


def chassis_tables(metadata: MetaData) -> ChassisTables:
    """Declare the technical tables in a service's metadata."""
    return ChassisTables(
        outbox=Table(
            "outbox",
            metadata,
            Column("id", Uuid, primary_key=True),
            Column("region", Text, nullable=False),
            Column("aggregate_id", Uuid, nullable=False),
            Column("subject", Text, nullable=False),
            Column("payload", Text),  # in clear, in rows of older versions
            Column("packed", LargeBinary),
            instant("created_at", now=True),
            info={"partition": "month"},
            postgresql_partition_by="RANGE (id)",
        ),
        # What the relay still has to put on the wire; `replay` > 0 gets past the broker's duplicate window.
        outbox_pending=Table(
            "outbox_pending",
            metadata,
            Column("position", BigInteger, Identity(always=True), primary_key=True),
            Column("id", Uuid, nullable=False),
            Column("replay", SmallInteger, nullable=False, server_default="0"),
            instant("created_at", now=True),
        ),
        inbox=Table(
            "inbox",
            metadata,
            Column("event_id", Uuid, primary_key=True),
            Column("handler", Text, primary_key=True),
            # When it was handled, where that was long after it had happened: its day alone does not tell how long the
            # broker may bring it again (see `housekeeping`).
            instant("late_at"),
            Index("inbox_late_ix", "late_at", postgresql_where=text("late_at IS NOT NULL")),
            info={"partition": "day"},
            postgresql_partition_by="RANGE (event_id)",
        ),
        replay=replay_table(metadata),
        dead_letter=Table(
            "dead_letter",
            metadata,
            Column("event_id", Uuid, primary_key=True),
            Column("handler", Text, primary_key=True),
            Column("subject", Text, nullable=False),
            Column("payload", LargeBinary, nullable=False),
            Column("error", Text, nullable=False),
            Column("attempts", Integer, nullable=False, server_default="1"),
            instant("created_at", now=True),
        ),
        idempotency_key=idempotency_table(metadata),
        key_check=key_check_table(metadata),
    )
