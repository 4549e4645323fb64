"""Hot statements go straight to the driver, on the session's own connection and inside its transaction.

SQLAlchemy's machinery costs about 0.2 ms a statement, three times what asyncpg takes (ADR 10). Sessions, transactions,
pools and everything that is not hot stay SQLAlchemy's.
"""

from __future__ import annotations

from typing import Any, cast

import asyncpg
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

_LOST = ("08", "57")  # classes of SQLSTATE: connection exceptions, operator intervention


class Row(asyncpg.Record):  # type: ignore[misc]
    """A row by name, by position, and by attribute."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


class DriverError(Exception):
    """What the database said, without the values it said it of."""

    def __init__(self, message: str, sqlstate: str | None) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


async def fetch(session: AsyncSession, sql: str, *arguments: Any) -> list[Row]:
    """Rows of one statement with `$1` parameters (what it returns, for a change). Errors are SQLAlchemy's."""
    known = session.info.get("driver")
    if known is None or known[0] is not session.sync_session.get_transaction():
        known = await _open(session)
    driver: asyncpg.Connection = known[1]
    try:
        return cast(list[Row], await driver.fetch(sql, *arguments))
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        if driver.is_closed():
            await (await session.connection()).invalidate()
        raise _translate(sql, error, lost=driver.is_closed()) from error


async def _open(session: AsyncSession) -> tuple[Any, asyncpg.Connection]:
    connection = await session.connection()
    driver: Any = (await connection.get_raw_connection()).driver_connection
    options = cast(Connection, connection.sync_connection).get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT" and not driver.is_in_transaction():
        await connection.exec_driver_sql(
            "SELECT 1"
        )  # SQLAlchemy begins the transaction with its own first statement
    known = session.info["driver"] = (session.sync_session.get_transaction(), driver)
    return known


def _translate(sql: str, error: Exception, *, lost: bool) -> DBAPIError:
    state = getattr(error, "sqlstate", None)
    said = DriverError(str(error.args[0]) if error.args else type(error).__name__, state)
    if lost or isinstance(error, OSError) or (state or "")[:2] in _LOST:
        kind: type[DBAPIError] = OperationalError
    elif isinstance(error, asyncpg.InterfaceError):
        kind = InterfaceError
    else:
        kind = IntegrityError if (state or "").startswith("23") else DBAPIError
    return kind(sql, None, said, hide_parameters=True, connection_invalidated=lost)
