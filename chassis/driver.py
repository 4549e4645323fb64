"""Hot statements go straight to the driver, on the session's own connection and inside its transaction.

SQLAlchemy's machinery costs about 0.2 ms a statement, three times what asyncpg takes (ADR 10). Sessions, transactions,
pools and everything that is not hot stay SQLAlchemy's.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, cast

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

_LOST = ("08", "57P")  # how SQLSTATEs of a connection that is gone, or will be at once, begin
_PROBE_SECONDS = 2.0
# InternalClientError: the protocol lost its place while it was cut off.
_BROKEN = (OSError, asyncpg.InternalClientError)


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
    known = session.info.get("driver")
    if known is None or known[0] is not _transaction_of(session):
        known = await _open(session)
    driver: asyncpg.Connection = known[1]
    try:
        return cast(list[Row], await driver.fetch(sql, *arguments))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError) as error:
        state = getattr(error, "sqlstate", None) or ""
        lost = driver.is_closed() or isinstance(error, _BROKEN) or state.startswith(_LOST)
        if lost:
            await _give_up(known[2], driver)
        # Not `from error`: the driver's own message may hold the values of a row, and a log prints the whole chain.
        raise _translate(sql, error, state, lost=lost) from None


def _transaction_of(session: AsyncSession) -> Any:
    """The innermost: SQLAlchemy sets a savepoint only when the connection is asked for inside it."""
    return session.sync_session.get_nested_transaction() or session.sync_session.get_transaction()


async def _open(session: AsyncSession) -> tuple[Any, asyncpg.Connection, AsyncConnection]:
    connection = await session.connection()
    driver: Any = (await connection.get_raw_connection()).driver_connection
    options = cast(Connection, connection.sync_connection).get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT" and not driver.is_in_transaction():
        # SQLAlchemy begins the driver's transaction with its own first statement.
        await connection.exec_driver_sql("SELECT 1")
    known = session.info["driver"] = (_transaction_of(session), driver, connection)
    return known


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
    said = DriverError(str(error.args[0]) if error.args else type(error).__name__, state)
    if lost:
        kind: type[DBAPIError] = OperationalError
    elif isinstance(error, asyncpg.InterfaceError):
        kind = InterfaceError
    else:
        kind = IntegrityError if state.startswith("23") else DBAPIError
    return kind(sql, None, said, hide_parameters=True, connection_invalidated=lost)
