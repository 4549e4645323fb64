"""Projecting histories into the test's database, and asking for figures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import asyncpg
import pytest

from chassis.db import ALL_ROWS
from contracts.event import Event
from harness.databases import Database
from harness.tokens import TokenMint
from services.analytics.facts.actions import project_events
from services.analytics.figures.api import find_known_until
from tests.analytics.arithmetic import NOW
from tests.analytics.copying import Copied, open_copied
from tests.analytics.histories import Case, reference_events
from tests.analytics.stories import events_of, live_cases

Project = Callable[[Sequence[Event]], Awaitable[None]]


FACTS = ("fact_appeal", "fact_assignment", "fact_answer", "fact_breach", "reference", "progress")


@pytest.fixture
async def projected(database: Database) -> Project:
    """`await projected(events)`: one batch, committed."""
    sessions = database.sessions("analytics")

    async def apply(events: Sequence[Event]) -> None:
        async with sessions.begin() as session:
            await project_events(session, events)

    return apply


@pytest.fixture
async def named(projected: Project) -> None:
    """Topics and bodies have their names."""
    await projected(reference_events())


@pytest.fixture
async def look(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The owner's connection, to look into the tables."""
    connection = await asyncpg.connect(database.dsn("analytics_owner"), server_settings=ALL_ROWS)
    yield connection
    await connection.close()


async def dump(connection: asyncpg.Connection) -> dict[str, list[str]]:
    """All rows of all projections, sorted; not the numbers that a copy knows appeals by, which follow the order of events."""
    return {
        table: sorted(
            str({name: value for name, value in row.items() if name != "row_id"})
            for row in await connection.fetch(f"SELECT * FROM analytics.{table}")
        )
        for table in FACTS
    }


async def clear(connection: asyncpg.Connection) -> None:
    """An empty house."""
    for table in FACTS:
        await connection.execute(f"DELETE FROM analytics.{table}")


Ask = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
async def ask(app_client: Any, mint: TokenMint) -> Ask:
    """`await ask("summary", region="46")` as a federal analyst: the answer's JSON. What waits has waited until `NOW`."""
    client, app = await app_client("analytics")
    app.dependency_overrides[find_known_until] = lambda: int(NOW.timestamp())
    headers = mint.headers("federal", ["*"])

    async def get(path: str, **parameters: object) -> dict[str, Any]:
        query = {name.rstrip("_"): str(value) for name, value in parameters.items() if value is not None}
        answer = await client.get(f"/api/v1/analytics/{path}", params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    return get


@pytest.fixture
async def cases(projected: Project, named: None) -> list[Case]:
    """150 appeals of two regions, projected."""
    made = live_cases(Random(46), 150)
    await projected(events_of(made))
    return made


@pytest.fixture
async def copied(database: Database, tmp_path: Path) -> AsyncIterator[Copied]:
    """A copy of the facts, not yet begun."""
    opened = open_copied(database, tmp_path / "figures")
    yield opened
    opened.copy.close()
