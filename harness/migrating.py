"""A database as it was some revisions ago."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.migrations import config_of


async def downgrade(part: str, url: str, revision: str) -> None:
    """To a revision."""
    config = config_of(part)

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)

    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()
