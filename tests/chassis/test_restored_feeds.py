"""A dump restored into another cluster, whose transactions are numbered from the start again: feeds go on."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from uuid_utils.compat import uuid7

from chassis.cursors import Cursors
from chassis.db import create_engine, create_sessions, open_all_rows
from chassis.feeds import GENERATION_BITS, FeedEntry, FeedPlace, Generations, follow_feed, readable_counts
from harness.databases import Database, Templates
from infra.local.database import prepare_database
from infra.local.embedded import EmbeddedServers, embedded_servers
from infra.local.postgres import find_binaries
from services.routing.tables.assignments import queue_change

OWNER = uuid7()
OLD_XID = 50_000_000  # of a cluster that has worked for years
Sessions = async_sessionmaker[AsyncSession]


@dataclass(frozen=True, slots=True)
class Change(FeedEntry):
    change: str


async def write(sessions: Sessions, change: str, xid: int | None = None) -> None:
    column, value = (", xid", f", {xid}") if xid else ("", "")
    async with sessions.begin() as session:
        await open_all_rows(session)
        await session.execute(
            text(
                f"INSERT INTO routing.queue_change (organisation_id, region, assignment_id, change{column}) "
                f"VALUES (:owner, '46', :id, :change{value})"
            ),
            {"owner": OWNER, "id": uuid7(), "change": change},
        )


async def read(sessions: Sessions, cursor: str = "", limit: int = 100) -> tuple[list[str], str]:
    async with sessions() as session:
        await open_all_rows(session)
        rows, following = await follow_feed(
            session,
            Change,
            queue_change,
            Cursors("key"),
            owner={"organisation_id": OWNER},
            cursor=cursor,
            limit=limit,
        )
    return [row.change for row in rows], following


def dump_and_restore(source: str, target: str, file: Path) -> None:
    binaries = find_binaries()
    subprocess.run([binaries / "pg_dump", "-Fc", "-f", file, source], check=True)
    subprocess.run([binaries / "pg_restore", "--exit-on-error", "-d", target, file], check=True)


async def inventory(dsn: str) -> dict[str, list[Any]]:
    """Of every table, partitions too: how many rows, who may what, what they are closed by. As the administrator."""
    admin = await asyncpg.connect(dsn)
    tables = await admin.fetch(
        "SELECT c.oid::regclass::text AS name, ARRAY (SELECT unnest(coalesce(c.relacl, acldefault('r', c.relowner)))::text ORDER BY 1) AS rights, "
        "c.relrowsecurity, c.relforcerowsecurity, ARRAY (SELECT p.polname || pg_get_expr(p.polqual, p.polrelid) "
        "FROM pg_policy p WHERE p.polrelid = c.oid AND p.polqual IS NOT NULL ORDER BY 1) AS policies "
        "FROM pg_class c WHERE c.relnamespace = 'routing'::regnamespace AND c.relkind IN ('r', 'p')"
    )
    found = {
        row["name"]: [*row.values(), await admin.fetchval(f"SELECT count(*) FROM {row['name']}")]
        for row in tables
    }
    await admin.close()
    return found


def dump_as_owner(source: str, file: Path) -> subprocess.CompletedProcess[str]:
    command = [str(find_binaries() / "pg_dump"), "-n", "routing", "-f", str(file), source]
    return subprocess.run(command, check=False, capture_output=True, text=True)


@pytest.fixture
async def another_cluster(servers: EmbeddedServers, tmp_path: Path) -> AsyncIterator[EmbeddedServers]:
    """Empty but for the roles, with the same passwords."""
    with embedded_servers(tmp_path / "other", scratch=True) as other:
        await asyncio.to_thread(
            asyncio.run, prepare_database(other.postgres.admin_url, other.secrets, "roles")
        )
        yield other


async def test_feeds_go_on_after_a_restore_into_a_new_cluster(
    servers: EmbeddedServers, templates: Templates, another_cluster: EmbeddedServers, tmp_path: Path
) -> None:
    database = Database(servers, "dumped")
    admin = await asyncpg.connect(servers.database_url("postgres", database="postgres", driver="postgresql"))
    await admin.execute(
        f'CREATE DATABASE "{database.name}" TEMPLATE "{templates.of(("routing",))}" STRATEGY FILE_COPY'
    )
    await admin.close()
    before = create_engine(database.url("routing"), 2, "routing")
    old = create_sessions(before)
    await write(old, "now")
    for number in range(4):
        await write(old, f"old {number}", OLD_XID + number)
    # What a cluster's number says is settled moves on by itself; here the rows are from its future.
    async with before.begin() as connection:
        await connection.execute(text("SELECT 1"))
    first, cursor = ["now"], (await read(old, limit=1))[1]
    await before.dispose()

    other = await asyncpg.connect(
        another_cluster.database_url("postgres", database="postgres", driver="postgresql")
    )
    await other.execute('CREATE DATABASE "restored" TEMPLATE template0')
    await other.close()
    source = servers.database_url("postgres", database=database.name, driver="postgresql")
    target = another_cluster.database_url("postgres", database="restored", driver="postgresql")
    await asyncio.to_thread(dump_and_restore, source, target, tmp_path / "dump")
    there = await inventory(source)
    assert there["routing.queue_change"][-1] == 5
    assert await inventory(target) == there, "rows, rights and what rows are closed by"
    refused = await asyncio.to_thread(dump_as_owner, database.dsn("routing_owner"), tmp_path / "nothing")
    assert refused.returncode != 0, "whom row security binds gets no dump rather than an empty one"
    assert "row-level security" in refused.stderr
    engine = create_engine(another_cluster.database_url("routing", database="restored"), 2, "routing")
    new = create_sessions(engine)
    await write(new, "new 1")
    changes, _ = await read(new)
    assert changes == [*first, "old 0", "old 1", "old 2", "old 3", "new 1"]
    later, cursor = await read(new, cursor)
    assert later == changes[1:], "a cursor from before the restore goes on where it stood"
    await write(new, "new 2")
    assert (await read(new, cursor))[0] == ["new 2"]
    async with new() as session:
        await open_all_rows(session)
        counts = {
            name: await session.scalar(text(sql))
            for name, sql in readable_counts("routing", "queue_change").items()
        }
        generation = await session.scalar(text("SELECT max(generation) FROM routing.feed_generation"))
    assert (counts, generation) == ({"feed": 7, "feed_readable": 7}, 1)
    await engine.dispose()


A_DUMP, FIRST_RESTORE, SECOND_RESTORE, ITS_DUMP = "a", "b", "c", "d"


@pytest.mark.parametrize(
    ("cursor_of", "generation", "history", "begins"),
    [
        ((A_DUMP, FIRST_RESTORE), 1, (A_DUMP, FIRST_RESTORE), (1, 77)),  # the same history: nothing changes
        ((A_DUMP,), 0, (A_DUMP, SECOND_RESTORE), (0, 77)),
        ((A_DUMP, FIRST_RESTORE), 1, (A_DUMP, SECOND_RESTORE), (1, 0)),  # one dump, restored twice
        ((A_DUMP, FIRST_RESTORE), 1, (A_DUMP, SECOND_RESTORE, ITS_DUMP), (1, 0)),
        ((A_DUMP, FIRST_RESTORE), 1, (A_DUMP,), (0, 0)),  # back to before the first restore
    ],
)
def test_a_cursor_of_a_history_that_is_gone_begins_where_ours_parted(
    cursor_of: tuple[str, ...], generation: int, history: tuple[str, ...], begins: tuple[int, int]
) -> None:
    handed_out = Generations(dict(enumerate(cursor_of)))
    place = handed_out.place_after((generation << GENERATION_BITS) + 1000, 77)
    resumed = Generations(dict(enumerate(history))).resume(place)
    assert (resumed.xid >> GENERATION_BITS, resumed.position) == begins
    assert Generations(dict(enumerate(history))).resume(FeedPlace(5, 6)) == FeedPlace(5, 6), (
        "as older cursors are"
    )


async def test_a_service_cannot_move_the_generation_itself(database: Database) -> None:
    engine = create_engine(database.url("routing"), 1, "routing")
    async with engine.connect() as connection:
        with pytest.raises(Exception, match="permission denied"):
            await connection.execute(text("INSERT INTO routing.feed_generation VALUES (7, 'x')"))
    await engine.dispose()
