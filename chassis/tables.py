"""A table is defined by the class of its rows.

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

# A row's place in a delta feed that no concurrent writer can make a reader miss (see `feeds`).
Xid = Annotated[int, BIG, default("(pg_current_xact_id()::text::bigint)")]
FeedPosition = Annotated[int, BIG, IDENTITY]


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
