"""What was counted for one request answers another that would count the same, and no request that would not.

A row that is taken away behind the notes of changes shows which it was: kept figures still have it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from random import Random

import asyncpg
import pytest

from chassis.db import open_all_rows, open_rows_of
from chassis.kept_answers import KeptAnswers
from chassis.principals import Principal
from harness.databases import Database
from services.analytics.figures.queries import read_figures
from services.analytics.store.queries.stores import FactStore
from services.analytics.store.rules.filters import Filter, Scope
from services.analytics.store.rules.periods import Period
from tests.analytics.conftest import Project
from tests.analytics.histories import Case
from tests.analytics.stories import events_of, live_cases

EVERYTHING = Filter(None, Scope(None, None, None), Period())
OF_ANOTHER_REGION = Principal("portal", "analyst", frozenset({"25"}), None, expires_at=2e9)
Received = Callable[..., Awaitable[int]]


@pytest.fixture
def received(database: Database) -> Received:
    """`await received()`: how many appeals a request counts, with answers that all of them keep."""
    sessions = database.reading_sessions("analytics")
    kept = KeptAnswers(100, 60)

    async def count(principal: Principal | None = None) -> int:
        async with sessions() as session:
            await (open_all_rows(session) if principal is None else open_rows_of(session, principal))
            return (await read_figures(FactStore(session, kept), EVERYTHING)).received

    return count


async def take_one_away(look: asyncpg.Connection) -> None:
    """Without a word to anybody."""
    await look.execute(
        "DELETE FROM analytics.fact_appeal WHERE ctid IN (SELECT min(ctid) FROM analytics.fact_appeal)"
    )


async def test_figures_hold_until_facts_change(
    received: Received, look: asyncpg.Connection, projected: Project, cases: list[Case]
) -> None:
    assert await received() == len(cases)
    await take_one_away(look)
    assert await received() == len(cases), "nothing is known to have changed"
    await projected(events_of(live_cases(Random(1), 3)))
    assert await received() == len(cases) - 1 + 3


async def test_what_began_earlier_and_ends_later_is_waited_for(
    received: Received, look: asyncpg.Connection, projected: Project, cases: list[Case]
) -> None:
    """Its note lies before the newest one, so nobody would see by the newest that something has changed."""
    async with look.transaction():
        await look.execute("INSERT INTO analytics.figure_change (regions, appeals) VALUES ('{}', '{}')")
        await take_one_away(look)
        await projected(events_of(live_cases(Random(2), 5)))
        assert await received() == len(cases) + 5
    assert await received() == len(cases) + 4


async def test_who_may_see_other_rows_counts_them(
    received: Received, look: asyncpg.Connection, cases: list[Case]
) -> None:
    """Though the question is the same."""
    of_region = sum(case.region == "25" for case in cases)
    assert 0 < of_region < len(cases)
    assert await received() == len(cases)
    assert await received(OF_ANOTHER_REGION) == of_region


async def test_nobody_learns_more_than_a_number_of_the_notes(database: Database, cases: list[Case]) -> None:
    sessions = database.closed_sessions("analytics")
    async with sessions() as session:
        await open_rows_of(session, OF_ANOTHER_REGION)
        connection = await session.connection()
        newest = (await connection.exec_driver_sql("SELECT analytics.newest_change()")).scalar()
        notes = (await connection.exec_driver_sql("SELECT count(*) FROM analytics.figure_change")).scalar()
        scope = (await connection.exec_driver_sql("SELECT current_setting('app.scope')")).scalar()
    assert newest
    assert (notes, scope) == (0, "regions")
    assert cases
