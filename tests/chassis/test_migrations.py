"""Models and migrations agree, for every part."""

from __future__ import annotations

import pytest
from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.migrations import config_of
from contracts.parts import PARTS
from harness.databases import Templates


@pytest.mark.parametrize("part", PARTS)
async def test_the_migrations_make_what_the_models_declare(templates: Templates, part: str) -> None:
    """`alembic check` finds nothing to add or to take away."""
    url = templates.servers.database_url(f"{part}_owner", database=templates.of((part,)))
    engine = create_async_engine(url)
    config = config_of(part)

    def check(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.check(config)

    async with engine.connect() as connection:
        await connection.run_sync(check)
    await engine.dispose()
