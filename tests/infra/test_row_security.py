"""Guarantee 8 over the whole catalogue: whoever asks the database sees and changes no more rows than were opened to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import product

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine
from uuid_utils.compat import uuid7

from chassis.db import open_rows_of
from chassis.migrations import config_of, upgrade
from chassis.security import Principal
from tests.conftest import Database

SERVICES = ("intake", "routing", "sla", "analytics")
PARTS = (*SERVICES, "gateway")
RIGHTS = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
HERE, ELSEWHERE = "46", "77"
BEFORE = {"intake": "0004", "routing": "0004", "sla": "0003", "analytics": "0002"}
BODY, OTHER_BODY = uuid7(), uuid7()

# What only an organisation's own, or who holds the appeal, may see; what none has to do with; what all of a region read.
LIMITED = {
    "intake.appeal",
    "intake.appeal_text",
    "intake.original",
    "intake.register",
    "intake.appeal_history",
    "intake.clarification",
    "intake.original_access",
    "intake.appeal_holder",
    "routing.assignment",
    "routing.answer",
    "routing.document_request",
    "routing.queue_change",
    "sla.appeal",
    "sla.clock",
    "sla.timer",
    "sla.firing",
    "sla.extension",
    "analytics.fact_appeal",
    "analytics.fact_assignment",
}
HIDDEN = {
    "intake.counter",
    "intake.words_to_mask",
    "intake.submission_key",
    "intake.masking_pending",
    "intake.appeal_change",
    "intake.rating",
    "intake.region_setting",
    "routing.routed_appeal",
    "sla.journal",
    "sla.extension_reason",
    "sla.redating",
    "analytics.fact_answer",
    "analytics.fact_breach",
}
REFERENCE = {
    "routing.reference_version",
    "routing.topic_group",
    "routing.topic",
    "routing.organisation",
    "routing.municipality",
    "routing.rule",
    "routing.setting",
    "sla.policy",
    "sla.calendar",
    "sla.office_hours",
    "sla.ladder",
    "sla.setting",
    "sla.catalogue",
    "analytics.reference",
}
LOGS = {f"{service}.outbox" for service in SERVICES}

_TABLES = """
SELECT n.nspname || '.' || c.relname AS name, n.nspname AS part, c.relispartition, c.relkind = 'p' AS is_parent,
    c.relrowsecurity, c.relforcerowsecurity,
    EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy,
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'region' AND NOT a.attisdropped)
        AS has_region
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') ORDER BY 1
"""
_VALUES = {
    "text": f"'{HERE}'",
    "uuid": "'{id}'",
    "boolean": "true",
    "jsonb": "'{{}}'",
    "bytea": "'\\x00'",
    "ARRAY": "'{{}}'",
    "timestamp with time zone": "now()",
}


@dataclass(frozen=True)
class Filled:
    """A database with one row of region HERE, of BODY where a table has bodies, in every table with a region."""

    database: Database
    admin: asyncpg.Connection
    tables: Sequence[asyncpg.Record]

    async def connect(self, role: str) -> asyncpg.Connection:
        return await asyncpg.connect(self.database.dsn(role))


async def _fill(admin: asyncpg.Connection, table: str) -> None:
    columns = await admin.fetch(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema || '.' || table_name = $1 "
        "AND (is_nullable = 'NO' OR column_name = 'organisation_id') AND is_identity = 'NO' AND column_default IS NULL",
        table,
    )
    values = {row["column_name"]: _VALUES.get(row["data_type"], "1").format(id=BODY) for row in columns}
    names = ", ".join(f'"{name}"' for name in values)
    await admin.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(values.values())})")


@pytest.fixture
async def filled(database: Database) -> AsyncIterator[Filled]:
    admin = await asyncpg.connect(database.dsn())
    tables = await admin.fetch(_TABLES, PARTS)
    for row in tables:
        if row["has_region"] and not row["relispartition"]:
            await _fill(admin, row["name"])
    yield Filled(database, admin, tables)
    await admin.close()


async def allowed(connection: asyncpg.Connection, statement: str) -> int:
    """Rows that a statement found or changed; 0 where it was refused."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        rows = await connection.fetch(statement)
    except asyncpg.InsufficientPrivilegeError:
        return 0
    finally:
        await transaction.rollback()
    return len(rows)


async def forget_partitions(admin: asyncpg.Connection, part: str) -> None:
    """Drop those of the last coming period, as if they had never been made."""
    last = await admin.fetch(
        "SELECT max(c.oid::regclass::text) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE c.relnamespace = $1::text::regnamespace AND c.relname ~ '_p[0-9]+$' GROUP BY i.inhparent",
        part,
    )
    for (name,) in last:
        await admin.execute(f"DROP TABLE {name}")


async def test_every_table_with_a_region_is_closed_also_partitions_yet_to_come(filled: Filled) -> None:
    for part in SERVICES:
        await forget_partitions(filled.admin, part)
        service = await filled.connect(part)
        assert await service.fetchval(f"SELECT {part}.create_coming_partitions()") > 0
        await service.close()
    tables = [row for row in await filled.admin.fetch(_TABLES, PARTS) if row["has_region"]]
    assert len([row for row in tables if row["is_parent"]]) >= 19
    assert len([row for row in tables if row["relispartition"]]) >= 19 * 4
    guarded = {
        row["name"]
        for row in tables
        if row["relrowsecurity"] and row["relforcerowsecurity"] and row["has_policy"]
    }
    assert {row["name"] for row in tables} - guarded == set()


async def test_every_table_is_assigned_to_what_an_organisation_may_see_of_it(filled: Filled) -> None:
    named = {row["name"] for row in filled.tables if row["has_region"] and not row["relispartition"]}
    assert named == LIMITED | HIDDEN | REFERENCE | LOGS


async def test_a_partition_made_by_hand_is_closed_by_the_next_housekeeping(filled: Filled) -> None:
    owner = await filled.connect("sla_owner")
    await owner.execute(
        "CREATE TABLE sla.clock_by_hand PARTITION OF sla.clock "
        "FOR VALUES FROM ('00000000-0000-0000-0000-000000000000') TO ('00000000-0000-0000-0000-000000000009')"
    )
    service = await filled.connect("sla")
    assert await service.fetchval("SELECT count(*) FROM sla.clock_by_hand") == 0
    await service.execute("SELECT sla.create_coming_partitions()")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await service.fetchval("SELECT count(*) FROM sla.clock_by_hand")
    await owner.close()
    await service.close()


@pytest.mark.parametrize("part", SERVICES)
async def test_a_database_of_before_is_closed_with_the_rows_it_has(filled: Filled, part: str) -> None:
    url = filled.database.url(f"{part}_owner")
    await _downgrade(part, url)
    service = await filled.connect(part)
    table = f"{part}.outbox"
    partition = await filled.admin.fetchval(f"SELECT tableoid::regclass::text FROM {table}")
    assert await allowed(service, f"SELECT FROM {table}") == 1
    assert await allowed(service, f"DELETE FROM {table} RETURNING 1") == 1
    await filled.admin.execute(f'GRANT SELECT, DELETE ON {partition} TO "{part}"')
    await upgrade(part, url)
    for statement in ("SELECT FROM {}", "DELETE FROM {} RETURNING 1"):
        assert await allowed(service, statement.format(table)) == 0
        assert await allowed(service, statement.format(partition)) == 0
    assert await filled.admin.fetchval(f"SELECT count(*) FROM {table}") == 1
    await service.close()


async def _downgrade(part: str, url: str) -> None:
    """One revision back."""
    config = config_of(part)

    def run(connection: Connection) -> None:
        config.attributes["connection"] = connection
        command.downgrade(config, BEFORE[part])

    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(run)
    await engine.dispose()


async def test_a_migration_finds_the_rows_it_has_to_change(
    filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Although the owner is under row security too, and would silently find none."""
    changed: list[int] = []

    def change(config: Config, _: str) -> None:
        connection: Connection = config.attributes["connection"]
        changed.append(connection.execute(text("UPDATE sla.clock SET reason = 'renamed'")).rowcount)

    monkeypatch.setattr(command, "upgrade", change)
    await upgrade("sla", filled.database.url("sla_owner"))
    assert changed == [1]


async def test_nobody_has_a_right_to_anothers_table_or_to_any_partition(filled: Filled) -> None:
    roles = [name for part in PARTS for name in (part, f"{part}_owner")]
    for row, role in product(filled.tables, roles):
        owns = role.removesuffix("_owner") == row["part"]
        if role == f"{row['part']}_owner" or (owns and not row["relispartition"]):
            continue
        has = await filled.admin.fetchval("SELECT has_table_privilege($1, $2, $3)", role, row["name"], RIGHTS)
        assert not has, (role, row["name"])
    for role in PARTS:
        connection = await filled.connect(role)
        for row in filled.tables:
            if row["relispartition"] or role != row["part"]:
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await connection.fetch(f"SELECT FROM {row['name']}")
        await connection.close()


async def test_who_does_not_say_what_it_is_about_sees_and_changes_no_row(filled: Filled) -> None:
    """Also who says only half of it, and the owner."""
    for role in [name for part in SERVICES for name in (part, f"{part}_owner")]:
        connection = await filled.connect(role)
        for scope in ("", "x", "Service", "regions", "organisation"):
            await connection.execute("SELECT set_config('app.scope', $1, false)", scope)
            for row in filled.tables:
                mine = row["part"] == role.removesuffix("_owner") and not row["relispartition"]
                if mine and row["has_region"]:
                    await _assert_closed(connection, filled.admin, role, row["name"])
        if role == "intake":
            assert await allowed(connection, "SELECT FROM intake.searchable_text") == 0
        await connection.close()


async def _assert_closed(
    connection: asyncpg.Connection, admin: asyncpg.Connection, role: str, table: str
) -> None:
    assert await admin.fetchval(f"SELECT count(*) FROM {table}") == 1
    # The owner reads texts: for the view of what can be searched, which is closed itself.
    visible = 1 if (role, table) == ("intake_owner", "intake.appeal_text") else 0
    assert await allowed(connection, f"SELECT FROM {table}") == visible, (role, table)
    assert await allowed(connection, f"UPDATE {table} SET region = region RETURNING 1") == 0, (role, table)
    assert await allowed(connection, f"DELETE FROM {table} RETURNING 1") == 0, (role, table)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _fill_as(connection, admin, table)


async def _fill_as(connection: asyncpg.Connection, admin: asyncpg.Connection, table: str) -> None:
    columns = await admin.fetch(
        "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attidentity = '' AND attgenerated = ''",
        table,
    )
    names = ", ".join(f'"{name}"' for (name,) in columns)
    # The row that is there once more: refused before any key is looked at.
    row = await admin.fetchval(f"SELECT row_to_json(t)::text FROM {table} t")
    await connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_record(NULL::{table}, $${row}$$)"
    )


def principal(role: str, regions: set[str] | None, organisation: object = None) -> Principal:
    return Principal("c", role, None if regions is None else frozenset(regions), organisation, 0)  # type: ignore[arg-type]


EVERYTHING = LIMITED | HIDDEN | REFERENCE | LOGS


SEEN = [
    (principal("admin", None), EVERYTHING),
    (principal("coordinator", {HERE}), EVERYTHING - LOGS),
    (principal("coordinator", {ELSEWHERE}), set()),
    (principal("coordinator", set()), set()),
    (principal("coordinator", {f"{ELSEWHERE},{HERE}"}), set()),
    (principal("agency", {HERE}, BODY), LIMITED | REFERENCE),
    (principal("agency", None, BODY), LIMITED | REFERENCE),
    (principal("agency", {HERE}, OTHER_BODY), REFERENCE),
    (principal("agency", {ELSEWHERE}, BODY), set()),
]


async def test_a_request_sees_what_its_principal_may(filled: Filled) -> None:
    sessions = {part: filled.database.closed_sessions(part) for part in SERVICES}
    for who, sees in SEEN:
        seen = set()
        for part in SERVICES:
            async with sessions[part]() as session:
                await open_rows_of(session, who)
                for table in (name for name in EVERYTHING if name.startswith(part)):
                    if await session.scalar(text(f"SELECT count(*) FROM {table}")):
                        seen.add(table)
                if part == "intake":
                    found = await session.scalar(text("SELECT count(*) FROM intake.searchable_text"))
                    assert bool(found) == ("intake.appeal_text" in sees)
        assert seen == sees, who


async def test_the_next_transaction_of_a_connection_is_closed_again(filled: Filled) -> None:
    sessions = filled.database.closed_sessions("routing")
    async with sessions() as session:
        await open_rows_of(session, principal("admin", None))
        assert await session.scalar(text("SELECT count(*) FROM routing.assignment")) == 1
        await session.commit()
        assert await session.scalar(text("SELECT count(*) FROM routing.assignment")) == 0


@pytest.mark.parametrize("part", SERVICES)
async def test_a_service_cannot_change_its_event_log(filled: Filled, part: str) -> None:
    await forget_partitions(filled.admin, part)
    service = await filled.connect(part)
    await service.execute(f"SELECT {part}.create_coming_partitions()")
    await service.execute("SELECT set_config('app.scope', 'service', false)")
    partitions = await filled.admin.fetch(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = $1::text::regclass",
        f"{part}.outbox",
    )
    assert len(partitions) >= 4
    for log in (f"{part}.outbox", *(name for (name,) in partitions)):
        for statement in (
            f"UPDATE {log} SET payload = ''",
            f"UPDATE {log} SET subject = ''",
            f"DELETE FROM {log}",
            f"TRUNCATE {log}",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError, match="permission denied"):
                await service.execute(statement)
    assert await service.fetchval(f"SELECT count(*) FROM {part}.outbox") == 1, "it reads it, though"
    await service.close()
