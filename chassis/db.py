"""Postgres: engine, the two kinds of sessions, and fast many-row writes.

Only the edges commit: `Transaction` for HTTP (committed *before* the response leaves, hence scope="function"),
the consumer and the supervised tasks for everything else.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Annotated, Any
from uuid import UUID

import asyncpg
import orjson
from fastapi import Depends, Request
from sqlalchemy import MetaData, Table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from chassis.causes import cause_of
from chassis.driver import Row, fetch
from chassis.security import Principal
from contracts.territories import REGIONS

NAMING = {
    "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    "uq": "%(table_name)s_%(column_0_N_name)s_uq",
    "ck": "%(table_name)s_%(constraint_name)s_ck",
    "fk": "%(table_name)s_%(column_0_N_name)s_fk",
    "pk": "%(table_name)s_pk",
}
ALL_ROWS = {"app.scope": "service"}
DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def create_metadata(schema: str) -> MetaData:
    """Tables of one service live in the schema of its name."""
    return MetaData(schema=schema, naming_convention=NAMING)


def create_engine(url: str, pool_size: int, feeds: str = "", *, all_rows: bool = False) -> AsyncEngine:
    """An engine whose errors never show parameters (they may be personal data).

    `feeds`: the schema whose delta feeds are written through it; each new connection makes sure of their generation.
    `all_rows`: its connections are a service's own, to which all rows are open; others are closed (see `isolation`)
    until their transaction says what it is about. Never for what serves requests.
    """
    engine = create_async_engine(
        url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=False,
        pool_use_lifo=True,
        hide_parameters=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "timeout": 10,
            "command_timeout": 60,
            "server_settings": {"jit": "off"} | (ALL_ROWS if all_rows else {}),
            "record_class": Row,
            "async_creator_fn": _open_connection,
        },
    )
    if feeds:
        listen(engine.sync_engine, "connect", _settling(feeds))
    return engine


def _settling(schema: str) -> Callable[[Any, Any], None]:
    def settle(connection: Any, _: Any) -> None:
        connection.run_async(lambda driver: driver.execute(f"SELECT {schema}.settle_feeds()"))

    return settle


async def _open_connection(*arguments: Any, **options: Any) -> asyncpg.Connection:
    """A socket's errors become the database's, so that nobody takes them for those of another part."""
    try:
        return await asyncpg.connect(*arguments, **options)
    except OSError as error:  # TimeoutError is one
        raise asyncpg.ConnectionFailureError(f"no connection: {type(error).__name__}") from None


def create_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions that keep loaded rows usable after commit."""
    return async_sessionmaker(engine, expire_on_commit=False)


def create_reading_sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """Sessions that read one snapshot and cannot write."""
    return create_sessions(
        engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    )


async def database_trouble(sessions: async_sessionmaker[AsyncSession], seconds: float) -> str:
    """Why the database does not answer; empty when it does. A connection that was lost before gets a second try."""
    trouble = ""
    for _ in range(2):
        try:
            async with asyncio.timeout(seconds), sessions() as session:
                await session.execute(text("SELECT 1"))
            return ""
        except TimeoutError:
            return "The database does not answer in time."
        except Exception as error:
            trouble = cause_of(error) or type(error).__name__
    return trouble


async def open_transaction(request: Request) -> AsyncIterator[AsyncSession]:
    """One transaction around the path operation, ended before the response is sent."""
    async with request.app.state.sessions.begin() as session:
        await narrow_rows(session, request)
        yield session


async def open_reading(request: Request) -> AsyncIterator[AsyncSession]:
    """A session for reads: one snapshot for all queries of a request, so that their answers fit together."""
    async with request.app.state.reading_sessions() as session:
        await narrow_rows(session, request)
        yield session


async def narrow_rows(session: AsyncSession, request: Request) -> None:
    """Tell the database whose rows this request may see; without a principal, none (row level security, fail closed)."""
    if not request.app.state.row_security:
        return
    principal = getattr(request.state, "principal", None)
    if principal is not None:
        await open_rows_of(session, principal)
    elif getattr(request.state, "all_rows", False):
        await open_all_rows(session)


def open_rows_to_bearer(request: Request) -> None:
    """For open routes, before their session: who asks proves by a secret which object is meant, in whatever region."""
    request.state.all_rows = True


async def open_rows_of(session: AsyncSession, principal: Principal) -> None:
    """Open to this transaction the rows of the principal's regions; for an agency, of its organisation there."""
    regions = ",".join(region for region in principal.regions_within() if region in REGIONS)
    if principal.role == "agency":
        await _set_scope(session, "organisation", regions, str(principal.organisation))
    elif principal.is_everywhere:
        await open_all_rows(session)
    else:
        await _set_scope(session, "regions", regions, "")


async def open_all_rows(session: AsyncSession) -> None:
    """Open all rows to this transaction: a worker's, or a request's that has been checked and goes beyond its own rows."""
    await _set_scope(session, "service", "", "")


async def _set_scope(session: AsyncSession, scope: str, regions: str, organisation: str) -> None:
    connection = await session.connection()
    await connection.exec_driver_sql(
        "SELECT set_config('app.scope', $1, true), set_config('app.regions', $2, true), "
        "set_config('app.organisation', $3, true)",
        (scope, regions, organisation),
    )


# A plan made while a table was small and kept with its statement scans, or takes the wrong index, when the table has
# grown: one day's appeals cost twice as much until the statistics came. Planning anew costs less than that.
_PLAN_ANEW_BY_INDEX = ", ".join(
    f"set_config('{name}', '{value}', true)"
    for name, value in (
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("plan_cache_mode", "force_custom_plan"),
    )
)


async def open_work(session: AsyncSession) -> None:
    """Begin a transaction of a consumer or worker: all rows are open to it, and it looks them up by index."""
    connection = await session.connection()
    await connection.exec_driver_sql(
        "SELECT set_config('app.scope', 'service', true), " + _PLAN_ANEW_BY_INDEX
    )


Transaction = Annotated[AsyncSession, Depends(open_transaction, scope="function")]
Reading = Annotated[AsyncSession, Depends(open_reading, scope="function")]


@lru_cache(maxsize=512)
def _recordset(table: Table, names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    types = ", ".join(f'"{name}" {table.c[name].type.compile(DIALECT)}' for name in names)
    return f"SELECT {columns} FROM json_to_recordset($1::json) AS r({types})"


def encode_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as the JSON text that `json_to_recordset` reads (UUID and datetime included)."""
    return orjson.dumps(list(rows), default=_encode_odd).decode()


def _encode_odd(value: object) -> object:
    if isinstance(value, UUID):  # asyncpg's own subclass, as rows come back with
        return str(value)
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    raise TypeError(type(value).__name__)


async def insert_rows(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    *,
    on_conflict: str = "",
    returning: str = "",
) -> list[Row]:
    """Insert many rows in one statement and one parameter, in the given order.

    `on_conflict` is the SQL after ON CONFLICT ("DO NOTHING", "(id) DO UPDATE SET …"); all rows have the
    keys of the first. Callers sort rows by key where two writers could meet (no deadlocks).
    """
    if not rows:
        return []
    names = tuple(rows[0])
    columns = ", ".join(f'"{name}"' for name in names)
    sql = f"INSERT INTO {table.fullname} ({columns}) {_recordset(table, names)}"
    if on_conflict:
        sql += f" ON CONFLICT {on_conflict}"
    if returning:
        sql += f" RETURNING {returning}"
    return await fetch(session, sql, encode_rows(rows))


async def update_rows(
    session: AsyncSession,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
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
    names = tuple(rows[0])
    expressions = assign or {name: f'r."{name}"' for name in names if name not in keys}
    setters = ", ".join(f'"{column}" = {expression}' for column, expression in expressions.items())
    match = " AND ".join(f't."{key}" = r."{key}"' for key in keys)
    sql = f"UPDATE {table.fullname} AS t SET {setters} FROM ({_recordset(table, names)}) AS r WHERE {match}"
    if where:
        sql += f" AND ({where})"
    if returning:
        sql += f" RETURNING {returning}"
    return await fetch(session, sql, encode_rows(rows))
