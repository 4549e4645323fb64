"""Statements go straight to the driver, on the session's own connection and inside its transaction.

SQLAlchemy's machinery costs about 0.2 ms a statement, three times what asyncpg takes (ADR 10). Sessions, transactions and
pools stay SQLAlchemy's.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

_LOST = ("08", "57P")  # how SQLSTATEs of a connection that is gone, or will be at once, begin
_PROBE_SECONDS = 2.0
# InternalClientError: the protocol lost its place while it was cut off.
_BROKEN = (OSError, asyncpg.InternalClientError)
_DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, *_BROKEN)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a session's statements are sent on, for as long as its innermost transaction lasts."""

    transaction: object
    driver: asyncpg.Connection
    connection: AsyncConnection


class Row(asyncpg.Record):  # type: ignore[misc]
    """A row by name, by position, and by attribute."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class DriverError(Exception):
    """What the database said, without the values it said it of."""

    def __init__(self, message: str, sqlstate: str) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


async def fetch(session: AsyncSession, sql: str, *arguments: Any) -> list[Row]:
    """Rows of one statement with `$1` parameters (what it returns, for a change). Errors are SQLAlchemy's."""
    opened = await _opened(session)
    try:
        return cast(list[Row], await opened.driver.fetch(sql, *arguments))
    except _DRIVER_ERRORS as error:
        # Not `from error`: the driver's own message may hold the values of a row, and a log prints the whole chain.
        raise await _explain(opened, sql, error) from None


async def execute(session: AsyncSession, sql: str, *arguments: Any) -> int:
    """Carry out one statement with `$1` parameters; how many rows it changed."""
    opened = await _opened(session)
    try:
        status = await opened.driver.execute(sql, *arguments)
    except _DRIVER_ERRORS as error:
        raise await _explain(opened, sql, error) from None
    count = status.rpartition(" ")[2]  # "INSERT 0 3", "UPDATE 3", "SET"
    return int(count) if count.isdigit() else 0


async def copy_out(session: AsyncSession, path: Path, sql: str, *arguments: Any) -> None:
    """Write a query's rows to a file as CSV."""
    opened = await _opened(session)
    try:
        await opened.driver.copy_from_query(sql, *arguments, output=path, format="csv")
    except _DRIVER_ERRORS as error:
        raise await _explain(opened, sql, error) from None


async def begin_with(session: AsyncSession, sql: str, *arguments: Any) -> None:
    """Carry out what a transaction begins with.

    SQLAlchemy begins the driver's transaction with the first statement of its own: this is it, instead of an empty one.
    """
    connection = await session.connection()
    await connection.exec_driver_sql(sql, arguments)


async def _opened(session: AsyncSession) -> _Opened:
    known: _Opened | None = session.info.get("driver")
    if known is not None and known.transaction is _transaction_of(session):
        return known
    return await _open(session)


async def _explain(opened: _Opened, sql: str, error: Exception) -> DBAPIError:
    state = getattr(error, "sqlstate", None) or ""
    lost = opened.driver.is_closed() or isinstance(error, _BROKEN) or state.startswith(_LOST)
    if lost:
        await _give_up(opened.connection, opened.driver)
    return _translate(sql, error, state, lost=lost)


def _transaction_of(session: AsyncSession) -> object:
    """The innermost: SQLAlchemy sets a savepoint only when the connection is asked for inside it."""
    return session.sync_session.get_nested_transaction() or session.sync_session.get_transaction()


async def _open(session: AsyncSession) -> _Opened:
    connection = await session.connection()
    driver: Any = (await connection.get_raw_connection()).driver_connection
    options = cast(Connection, connection.sync_connection).get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT" and not driver.is_in_transaction():
        # See `begin_with`: nobody began this one.
        await connection.exec_driver_sql("SELECT 1")
    opened = session.info["driver"] = _Opened(_transaction_of(session), driver, connection)
    return opened


async def _give_up(connection: AsyncConnection, driver: asyncpg.Connection) -> None:
    """Never to the pool again. SQLAlchemy mistrusts its other old connections too once it has seen one fail itself.

    Whatever fails on the way (a time-out, a transaction that is already broken), the connection is cut in the end.
    """
    try:
        with suppress(Exception):
            async with asyncio.timeout(_PROBE_SECONDS):
                await connection.exec_driver_sql("SELECT 1")
        with suppress(Exception):
            if not connection.invalidated:
                await connection.invalidate()
    finally:
        driver.terminate()


def _translate(sql: str, error: Exception, state: str, *, lost: bool) -> DBAPIError:
    cause = DriverError(str(error.args[0]) if error.args else type(error).__name__, state)
    if lost:
        kind: type[DBAPIError] = OperationalError
    elif isinstance(error, asyncpg.InterfaceError):
        kind = InterfaceError
    else:
        kind = IntegrityError if state.startswith("23") else DBAPIError
    return kind(sql, None, cause, hide_parameters=True, connection_invalidated=lost)
