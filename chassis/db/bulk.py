"""Many rows in one statement and one parameter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import Table, make_url
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db.driver import Row, fetch
from chassis.db.statements import typed

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    RowValues = Mapping[str, Any] | DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
_DIALECT = make_url("postgresql+asyncpg://").get_dialect()()


def encode_rows(rows: Iterable[RowValues]) -> str:
    """Rows as the JSON text that `json_to_recordset` reads (UUID and datetime included)."""
    return encode_json(list(rows))


def encode_json(value: object) -> str:
    """JSON text for a parameter of type json or jsonb."""
    return orjson.dumps(value, default=_encode_odd).decode()


def _encode_odd(value: object) -> object:
    if isinstance(value, UUID):  # asyncpg's own subclass, as rows come back with
        return str(value)
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    raise TypeError(type(value).__name__)


async def insert_rows(
    session: AsyncSession,
    table: Table,
    rows: Sequence[RowValues],
    *,
    on_conflict: str = "",
    returning: str = "",
) -> list[Row]:
    """Insert many rows in one statement and one parameter, in the given order.

    `rows`: instances of one dataclass, or mappings that all have the keys of the first. `on_conflict` is the SQL after
    ON CONFLICT ("DO NOTHING", "(id) DO UPDATE SET …"). Callers sort rows by key where two writers could meet (no
    deadlocks). What they return is typed by `insert_returning`.
    """
    if not rows:
        return []
    return await fetch(session, _insert(table, _names(rows[0]), on_conflict, returning), encode_rows(rows))


async def insert_returning(
    session: AsyncSession, kind: type[R], table: Table, rows: Sequence[RowValues], *, on_conflict: str = ""
) -> list[R]:
    """The same; the columns `kind` has of each row that was written come back."""
    return typed(
        kind, await insert_rows(session, table, rows, on_conflict=on_conflict, returning=_columns_of(kind))
    )


async def update_rows(
    session: AsyncSession,
    table: Table,
    rows: Sequence[RowValues],
    *,
    keys: Sequence[str],
    assign: Mapping[str, str] | None = None,
    where: str = "",
    returning: str = "",
) -> list[Row]:
    """Update many rows by key in one statement.

    Without `assign` every non-key column takes its value from the row; with it each entry is
    `column: SQL expression` over `t` (the table) and `r` (the row). `where` narrows further.
    """
    if not rows:
        return []
    names = _names(rows[0])
    expressions = assign or {name: f'r."{name}"' for name in names if name not in keys}
    setters = ", ".join(f'"{column}" = {expression}' for column, expression in expressions.items())
    conditions = [f't."{key}" = r."{key}"' for key in keys]
    if where:
        conditions.append(f"({where})")
    sql = (
        f"UPDATE {table.fullname} AS t SET {setters} FROM ({_recordset(table, names)}) AS r "
        f"WHERE {' AND '.join(conditions)}{_clause('RETURNING', returning)}"
    )
    return await fetch(session, sql, encode_rows(rows))


async def update_returning(
    session: AsyncSession,
    kind: type[R],
    table: Table,
    rows: Sequence[RowValues],
    *,
    keys: Sequence[str],
    assign: Mapping[str, str] | None = None,
    where: str = "",
) -> list[R]:
    """The same; the columns `kind` has of each row that was changed come back."""
    returning = _columns_of(kind, "t.")
    changed = await update_rows(
        session, table, rows, keys=keys, assign=assign, where=where, returning=returning
    )
    return typed(kind, changed)


def _insert(table: Table, names: tuple[str, ...], on_conflict: str, returning: str) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    return (
        f"INSERT INTO {table.fullname} ({columns}) {_recordset(table, names)}"
        f"{_clause('ON CONFLICT', on_conflict)}{_clause('RETURNING', returning)}"
    )


def _clause(keyword: str, content: str) -> str:
    return f" {keyword} {content}" if content else ""


@lru_cache(maxsize=512)
def _recordset(table: Table, names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    types = ", ".join(f'"{name}" {table.c[name].type.compile(_DIALECT)}' for name in names)
    return f"SELECT {columns} FROM json_to_recordset($1::json) AS r({types})"


def _names(first: RowValues) -> tuple[str, ...]:
    if is_dataclass(first):
        return tuple(field.name for field in fields(first))
    return tuple(first)


def _columns_of(kind: type[DataclassInstance], prefix: str = "") -> str:
    return ", ".join(f'{prefix}"{field.name}"' for field in fields(kind))
