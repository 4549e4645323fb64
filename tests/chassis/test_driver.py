"""Statements straight to the driver stay inside the session's transaction and fail like all others."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from chassis.db import create_engine, create_sessions
from chassis.db.driver import fetch
from chassis.problems import problem_of
from harness.databases import Database

Sessions = async_sessionmaker[AsyncSession]
TABLE = "CREATE TABLE IF NOT EXISTS public.thing (id int PRIMARY KEY, secret text)"


@pytest.fixture
async def things(sessions: Callable[[str], Sessions]) -> Sessions:
    made = sessions("postgres")
    async with made.begin() as session:
        await session.execute(text(TABLE))
    return made


async def numbers(things: Sessions) -> list[int]:
    async with things() as session:
        return list(await session.scalars(text("SELECT id FROM public.thing ORDER BY id")))


async def test_what_is_rolled_back_was_never_written(things: Sessions) -> None:
    async with things() as session:
        await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 1, "a")
        await session.rollback()
        # The next transaction of the same session is opened anew, also for the driver.
        await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 2, "b")
        await session.commit()
        await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 3, "c")
    assert await numbers(things) == [2]


async def test_a_savepoint_takes_back_what_was_written_inside_it(things: Sessions) -> None:
    async with things.begin() as session:
        await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 1, "a")
        with contextlib.suppress(KeyError):
            async with session.begin_nested():
                await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 2, "b")
                raise KeyError
        with contextlib.suppress(IntegrityError):
            async with session.begin_nested():
                await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 1, "again")
        await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 3, "c")
    assert await numbers(things) == [1, 3]


async def test_both_ways_see_the_same_transaction(things: Sessions) -> None:
    async with things.begin() as session:
        await session.execute(text("INSERT INTO public.thing VALUES (1, 'a')"))
        (row,) = await fetch(session, "SELECT id, secret FROM public.thing WHERE id = $1", 1)
        assert (row.id, row["secret"], row[1], tuple(row)) == (1, "a", "a", (1, "a"))
        with pytest.raises(AttributeError):
            _ = row.missing


async def test_errors_are_sqlalchemys_and_tell_no_values(things: Sessions) -> None:
    secret = f"паспорт {1230 + 4}"  # a printed traceback shows this source too
    async with things.begin() as session:
        await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 1, "a")
    with pytest.raises(IntegrityError) as caught:
        async with things.begin() as session:
            await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 1, secret)
    printed = "".join(traceback.format_exception(caught.value))
    assert "1234" not in printed
    assert "(id)=(1)" not in printed, "the detail names the values of a key"
    with pytest.raises(DBAPIError) as caught_data:
        async with things.begin() as session:
            await fetch(session, "SELECT 1 / $1::int", 0)
    problem = problem_of(caught_data.value)
    assert problem is not None
    assert problem.status == 422


async def test_a_lost_connection_is_the_weathers_fault_and_the_pool_recovers(
    things: Sessions, sessions: Callable[[str], Sessions]
) -> None:
    async with things() as session:
        (row,) = await fetch(session, "SELECT pg_backend_pid() AS pid")
        async with sessions("postgres")() as other:
            await other.execute(text(f"SELECT pg_terminate_backend({row.pid})"))
        with pytest.raises(OperationalError) as caught:
            await fetch(session, "SELECT 1")
    problem = problem_of(caught.value)
    assert problem is not None
    assert problem.status == 503
    for _ in range(5):
        assert await numbers(things) == []


async def test_a_connection_lost_inside_a_broken_transaction_never_comes_back(
    things: Sessions, sessions: Callable[[str], Sessions]
) -> None:
    """The session itself refuses to be asked for its connection then; what is raised is still the loss."""
    async with things() as session:
        (row,) = await fetch(session, "SELECT pg_backend_pid() AS pid")
        async with sessions("postgres")() as other:
            await other.execute(text(f"SELECT pg_terminate_backend({row.pid})"))
        with suppress(DBAPIError):
            await session.execute(text("SELECT 1"))
        for _ in range(2):
            with pytest.raises((OperationalError, PendingRollbackError, InterfaceError)):
                await fetch(session, "SELECT 1")
    for _ in range(5):
        assert await numbers(things) == []


async def test_an_autocommit_session_commits_each_statement(things: Sessions, database: Database) -> None:
    engine = create_engine(database.url("postgres"), 2)
    alone = create_sessions(engine.execution_options(isolation_level="AUTOCOMMIT"))
    async with alone() as session:
        await fetch(session, "INSERT INTO public.thing VALUES ($1, $2)", 7, "a")
        assert await numbers(things) == [7]
    await engine.dispose()
