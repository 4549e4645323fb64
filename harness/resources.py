"""Resources of applications in tests: of a small one with a database and nothing else, and sessions of any."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from chassis.cursors import Cursors
from chassis.db import create_engine, create_reading_sessions, create_sessions, open_work
from chassis.resources import Resources, give_resources, resources_in
from chassis.service import ServiceResources
from chassis.tokens import TokenVerifier


def database_resources(engine: AsyncEngine, service: str = "analytics") -> Resources:
    """Of a database without row security; the verifier knows no keys yet."""
    return Resources(
        service,
        verifier=TokenVerifier("http://127.0.0.1:9/nobody", "otklik", "otklik"),
        cursors=Cursors("key"),
        hash_key="key",
        sessions=create_sessions(engine),
        reading_sessions=create_reading_sessions(engine),
        has_row_security=False,
    )


def give_database(app: FastAPI, engine: AsyncEngine, service: str = "analytics") -> Resources:
    """Let an application use a database."""
    resources = database_resources(engine, service)
    give_resources(app, resources)
    return resources


@asynccontextmanager
async def worker_session(app: FastAPI) -> AsyncIterator[AsyncSession]:
    """A transaction of the app as one of its workers has it: all rows are open to it."""
    async with resources_in(app, Resources).sessions.begin() as session:
        await open_work(session)
        yield session


def worker_sessions(app: FastAPI) -> async_sessionmaker[AsyncSession]:
    """Sessions of the app to which all rows are open, and whose commits it hears of."""
    resources = resources_in(app, ServiceResources)
    engine = create_engine(resources.settings.database_url, 10, all_rows=True)
    resources.engines.append(engine)
    return async_sessionmaker(**{**resources.sessions.kw, "bind": engine})
