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
        autoincrement=IDENTITY in parts,
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


XID: Final = default("(pg_current_xact_id()::text::bigint)")
XID_DEFAULT = text(XID.sql)


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
