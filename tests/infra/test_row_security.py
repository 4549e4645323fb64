"""Guarantee 8 over the whole catalogue: whoever asks the database sees and changes no more rows than were opened to it."""

from __future__ import annotations

from itertools import product

import asyncpg
import pytest
from sqlalchemy import text

from chassis.db import open_rows_of
from chassis.principals import Principal
from contracts.parts import PARTS, SERVICES
from tests.infra.filling import (
    BODY,
    ELSEWHERE,
    HERE,
    HIDDEN,
    LIMITED,
    LOGS,
    OTHER_BODY,
    REFERENCE,
    RIGHTS,
    TABLES,
    Filled,
    allowed,
    forget_partitions,
)


async def test_every_table_with_a_region_is_closed_also_partitions_yet_to_come(filled: Filled) -> None:
    for part in SERVICES:
        await forget_partitions(filled.admin, part)
        service = await filled.connect(part)
        assert await service.fetchval(f"SELECT {part}.create_coming_partitions()") > 0
        await service.close()
    tables = [row for row in await filled.admin.fetch(TABLES, PARTS) if row["has_region"]]
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
