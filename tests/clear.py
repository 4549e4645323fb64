"""Looks for what must not lie in clear."""

from __future__ import annotations

import asyncpg

from infra.local.credentials import load_or_create_secrets
from infra.local.paths import Home


async def in_clear(look: asyncpg.Connection, schema: str, needle: str) -> list[str]:
    """Tables of a schema with a row that holds the text in any column, keys and payloads included."""
    tables = await look.fetch(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
        schema,
    )
    found = []
    for (name,) in tables:
        if await look.fetchval(
            f'SELECT count(*) FROM {schema}."{name}" t WHERE t::text LIKE $1', f"%{needle}%"
        ):
            found.append(name)
    return found


async def connect_to(home: Home) -> asyncpg.Connection:
    """The superuser's connection to the Postgres of a home."""
    password = load_or_create_secrets(home).database["postgres"]
    return await asyncpg.connect(
        host=str(home.postgres_socket), user="postgres", password=password, database="otklik"
    )
