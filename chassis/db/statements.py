"""One way to the database: SQL with `:name` parameters in, typed rows out.

A statement is compiled once to the driver's `$1` form and sent on the session's own connection, inside its transaction or
savepoint (see `driver`). Postgres infers the parameters' types; where it cannot, the statement says `CAST(:x AS text)` or
`:x::text`. Columns of JSON come decoded; a parameter of JSON is given as text (`encode_json`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db.driver import execute, fetch

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
T = TypeVar("T")

# A quoted text, or a name after a colon that is not part of a `::cast`.
_QUOTED_OR_NAME = re.compile(r"'[^']*'|(?<!:):([a-z_][a-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL for the driver, and the names of its parameters in the order of their numbers."""

    sql: str
    names: tuple[str, ...]

    def arguments(self, named: dict[str, Any]) -> list[Any]:
        """The values in the driver's order; KeyError where one is missing."""
        return [named[name] for name in self.names]


@lru_cache(maxsize=2048)
def compile_statement(sql: str) -> Statement:
    """`:name` → `$n`, the same number for the same name."""
    numbers: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return found[0]
        return f"${numbers.setdefault(name, len(numbers) + 1)}"

    return Statement(_QUOTED_OR_NAME.sub(numbered, sql), tuple(numbers))


async def rows(session: AsyncSession, kind: type[R], sql: str, /, **named: Any) -> list[R]:
    """All rows of a statement. `kind`: a dataclass whose fields are columns of the statement, found by name."""
    return typed(kind, await _fetch(session, sql, named))


async def row(session: AsyncSession, kind: type[R], sql: str, /, **named: Any) -> R | None:
    """The first row; None when there is none."""
    found = await _fetch(session, sql, named)
    return typed(kind, found[:1])[0] if found else None


async def column(session: AsyncSession, kind: type[T], sql: str, /, **named: Any) -> list[T]:
    """The first column of all rows. `kind` is what its values are; nothing is converted."""
    return [each[0] for each in await _fetch(session, sql, named)]


async def scalar(session: AsyncSession, kind: type[T], sql: str, /, **named: Any) -> T | None:
    """The first column of the first row; None when there is no row, or the value is null."""
    found = await _fetch(session, sql, named)
    return found[0][0] if found else None


async def run(session: AsyncSession, sql: str, /, **named: Any) -> int:
    """Carry out a statement whose rows nobody wants; how many it changed."""
    statement = compile_statement(sql)
    return await execute(session, statement.sql, *statement.arguments(named))


async def _fetch(session: AsyncSession, sql: str, named: dict[str, Any]) -> Sequence[asyncpg.Record]:
    statement = compile_statement(sql)
    return await fetch(session, statement.sql, *statement.arguments(named))


def typed(kind: type[R], records: Sequence[asyncpg.Record]) -> list[R]:
    """Records of one statement as instances of a dataclass; TypeError when the statement lacks one of its fields."""
    if not records:
        return []
    values = _values_in_order(tuple(kind.__dataclass_fields__), tuple(records[0].keys()))
    return [kind(*values(record)) for record in records]


@lru_cache(maxsize=2048)
def _values_in_order(
    fields: tuple[str, ...], columns: tuple[str, ...]
) -> Callable[[asyncpg.Record], Sequence[Any]]:
    """How to read a record with these columns in the order of the fields."""
    missing = [name for name in fields if name not in columns]
    if missing:
        raise TypeError(f"the statement gives no {', '.join(missing)}")
    if len(fields) == 1:
        position = columns.index(fields[0])
        return lambda record: (record[position],)
    return itemgetter(*(columns.index(name) for name in fields))
