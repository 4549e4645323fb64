"""Engines, pools and the kinds of sessions made of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import orjson
from sqlalchemy import text
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from chassis.causes import cause_of
from chassis.db.driver import Row

ALL_ROWS = {"app.scope": "service"}
# Statements that a connection keeps prepared: those a process sends all the time, and not much of Postgres' memory.
STATEMENTS_KEPT = 200


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
            "statement_cache_size": STATEMENTS_KEPT,
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
