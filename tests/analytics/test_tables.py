"""The tables as their classes define them are those that migrations make."""

from __future__ import annotations

import re
from typing import Any

from services.analytics.tables import metadata

_NOT_OURS = re.compile(r"_(p\d+|default)$|^(alembic_version|daily_run)$")


async def test_tables_and_migrations_agree(database: Any) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy.ext.asyncio import create_async_engine

    def compare(connection: Any) -> list[Any]:
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _: kind != "schema" or name == "analytics",
            "include_object": lambda _, name, kind, reflected, __: (
                kind != "table" or not reflected or _NOT_OURS.search(name or "") is None
            ),
            "compare_type": True,
        }
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))

    engine = create_async_engine(database.url("analytics_owner"))
    async with engine.connect() as connection:
        assert await connection.run_sync(compare) == []
    await engine.dispose()
