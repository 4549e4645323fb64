"""Looks for what must not lie in clear."""

from __future__ import annotations

from collections.abc import Callable

import asyncpg

from chassis.db.driver import Row
from harness.payloads import read_payload
from infra.local.credentials import load_or_create_secrets
from infra.local.paths import Home
from services.intake.history.rules.packed import read_data, read_words
from services.routing.answers.rules.words import unpack_text
from services.routing.assignments.rules.words import unpack_reason, unpack_words
from services.sla.clocks.rules.packed import read_steps


def _read_assignment(row: asyncpg.Record) -> object:
    return unpack_words(row["packed"]), row["due_packed"] and unpack_reason(row["due_packed"])


# How each table that keeps something packed is read.
PACKED: dict[str, Callable[[asyncpg.Record], object]] = {
    "outbox": read_payload,
    "appeal": read_words,
    "appeal_history": lambda row: read_data(row["packed"], row["data"]),
    "assignment": _read_assignment,
    "answered_case": lambda row: unpack_text(row["packed"]),
    "journal": lambda row: read_steps(row["packed"], row["data"]),
    "clock": lambda row: read_steps(row["packed"], row["explanation"]),
}


async def in_clear(look: asyncpg.Connection, schema: str, needle: str) -> list[str]:
    """Tables of a schema with a row that holds the text in any column, keys, payloads and what is packed included."""
    tables = await look.fetch(
        "SELECT c.relname, EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'packed') "
        "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition",
        schema,
    )
    found = []
    for name, packed in tables:
        told = await look.fetchval(
            f'SELECT count(*) FROM {schema}."{name}" t WHERE t::text LIKE $1', f"%{needle}%"
        )
        if told or (packed and await _is_packed(look, schema, name, needle)):
            found.append(name)
    return found


async def _is_packed(look: asyncpg.Connection, schema: str, name: str, needle: str) -> bool:
    rows = await look.fetch(f'SELECT * FROM {schema}."{name}" WHERE packed IS NOT NULL')
    return any(needle in str(PACKED[name](row)) for row in rows)


async def connect_to(home: Home) -> asyncpg.Connection:
    """The superuser's connection to the Postgres of a home."""
    password = load_or_create_secrets(home).database["postgres"]
    return await asyncpg.connect(
        host=str(home.postgres_socket),
        user="postgres",
        password=password,
        database="otklik",
        record_class=Row,
    )
