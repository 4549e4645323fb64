"""A table is defined by the class of its rows; and the technical tables every service has in its own schema.

    @dataclass(frozen=True, slots=True)
    class Assignment:
        region: Key[str]
        id: Key[UUID]
        hops: Annotated[int, SMALL, default("0")]
        accepted_at: datetime | None

    assignment = define_table(metadata, "assignment", Assignment, partition=Partition("month", "id"))

Rows come back as instances of the class (see `db`), the table serves migrations and writes. A plain class, because an
instance of an ORM costs several times more to make and ten times more to read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Time,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import TypeEngine

from chassis.partitions import Grain

T = TypeVar("T")
NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    "uq": "%(table_name)s_%(column_0_N_name)s_uq",
    "ck": "%(table_name)s_%(constraint_name)s_ck",
    "fk": "%(table_name)s_%(column_0_N_name)s_fk",
    "pk": "%(table_name)s_pk",
}
_PRIMARY: Final = "primary key"
_SQL_TYPES: Final[dict[object, TypeEngine[Any]]] = {
    str: Text(),
    UUID: Uuid(),
    int: Integer(),
    bool: Boolean(),
    float: Float(),
    datetime: DateTime(timezone=True),
    date: Date(),
    time: Time(),
    bytes: LargeBinary(),
    dict: JSONB(),
    list: JSONB(),
    Literal: Text(),
}

# What a field's annotation may say beside its type: `Annotated[int, SMALL, default("0")]`.
Key = Annotated[T, _PRIMARY]
SMALL: Final = SmallInteger()
BIG: Final = BigInteger()


IDENTITY: Final = "identity"


@dataclass(frozen=True)
class default:
    """What the database puts where an insert says nothing: `default("'lead'")`, `default("0")`, `NOW`."""

    sql: str


NOW: Final = default("now()")


@dataclass(frozen=True)
class Partition:
    """By which column (a UUIDv7) and in what grain a table is partitioned."""

    grain: Grain
    column: str


def create_metadata(schema: str) -> MetaData:
    """Tables of one service live in the schema of its name."""
    return MetaData(schema=schema, naming_convention=NAMING)


def define_table(
    metadata: MetaData, name: str, kind: type[Any], *items: SchemaItem, partition: Partition | None = None
) -> Table:
    """The table whose rows are instances of `kind`; `items`: its indexes and constraints.

    Types are taken from the annotations: `X | None` may be null, `dict` and `list` are JSON unless the annotation names
    another SQL type.
    """
    columns = [_column(field, hint) for field, hint in get_type_hints(kind, include_extras=True).items()]
    if partition is None:
        return Table(name, metadata, *columns, *items)
    return Table(
        name,
        metadata,
        *columns,
        *items,
        info={"partition": partition.grain},
        postgresql_partition_by=f"RANGE ({partition.column})",
    )


def _column(name: str, hint: Any) -> Column[Any]:
    parts = list(_parts(hint))
    return Column(
        name,
        _sql_type(parts),
        *[Identity(always=True) for part in parts if part == IDENTITY],
        primary_key=_PRIMARY in parts,
        nullable=NoneType in parts,
        server_default=next((text(part.sql) for part in parts if isinstance(part, default)), None),
    )


def _sql_type(parts: Sequence[Any]) -> TypeEngine[Any]:
    """The one the annotation names, or else the usual one of its Python type."""
    named = [part for part in parts if isinstance(part, TypeEngine)]
    usual = [_SQL_TYPES[part] for part in parts if part in _SQL_TYPES]
    return (named or usual)[0]


def _parts(hint: Any) -> Iterator[Any]:
    """What an annotation is made of: plain types, None, and what stands beside them in `Annotated`."""
    origin = get_origin(hint)
    if origin is Annotated:
        base, *beside = get_args(hint)
        yield from _parts(base)
        yield from beside
    elif origin in (Union, UnionType):
        for each in get_args(hint):
            yield from _parts(each)
    else:
        yield origin or hint


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
