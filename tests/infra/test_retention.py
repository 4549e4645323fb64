"""What is kept for a while goes in time and not before; what lies in the past has its months."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from uuid_utils.compat import uuid7

from chassis.housekeeping import AT_ONCE, purge_inbox
from chassis.partitions import lowest_uuid7
from chassis.settings import Settings
from contracts.event import Event
from contracts.intake import AppealImported, AppealWithdrawn, TakenOver
from harness.databases import Database
from harness.deliveries import deliver

SERVICES = ("intake", "routing", "sla", "analytics")
KEEP = 400


def some_id(days_ago: int) -> UUID:
    """An id that was made so long ago."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return UUID(str(uuid7(nanoseconds=int(at.timestamp() * 1e9))))


def withdrawn(days_ago: int) -> AppealWithdrawn:
    return AppealWithdrawn(
        id=some_id(days_ago), region="46", appeal_id=some_id(0), withdrawn_at=datetime.now(UTC)
    )


async def make_day(admin: asyncpg.Connection, part: str, days_ago: int) -> None:
    """The partition that housekeeping had made when that day was to come."""
    await admin.execute(f"SET ROLE {part}_owner")
    await admin.execute(
        f"SELECT {part}.make_partition('inbox', 'day', date_trunc('day', now()) - make_interval(days => $1))",
        days_ago,
    )
    await admin.execute("RESET ROLE")


async def days_known(admin: asyncpg.Connection, part: str) -> list[int]:
    rows = await admin.fetch(f"SELECT event_id FROM {part}.inbox")
    return sorted(
        round((datetime.now(UTC).timestamp() * 1000 - (row["event_id"].int >> 80)) / 86_400_000)
        for row in rows
    )


@pytest.fixture
async def admin(database: Database) -> Any:
    connection = await asyncpg.connect(database.dsn())
    yield connection
    await connection.close()


@pytest.mark.parametrize("part", SERVICES)
async def test_the_inbox_forgets_days_that_nobody_can_bring_again(
    database: Database, admin: asyncpg.Connection, part: str
) -> None:
    """Days of their own, with something late and without; ids of days that never had a partition; those still needed."""
    now, old = datetime.now(UTC), datetime.now(UTC) - timedelta(days=KEEP + 1)
    for days in (390, 410, 420):
        await make_day(admin, part, days)
    entries = [
        (0, None),
        (390, None),
        (410, None),
        (420, None),
        (420, now),
        (430, None),
        (430, now),
        (440, old),
    ]
    await admin.executemany(
        f"INSERT INTO {part}.inbox (event_id, handler, late_at) VALUES ($1, 'h', $2)",
        [(some_id(days), late) for days, late in entries],
    )
    await purge_inbox(database.sessions(part), part, KEEP)
    assert await days_known(admin, part) == [0, 390, 420, 430]
    left = await admin.fetch(
        "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE i.inhparent = ($1 || '.inbox')::regclass AND c.relname ~ '_p[0-9]+$' ORDER BY 1 LIMIT 2",
        part,
    )
    assert [row["relname"][-8:] for row in left] == [
        f"{now - timedelta(days=days):%Y%m%d}" for days in (420, 390)
    ], "the day of what came late stays with it"


async def test_a_long_default_partition_is_purged_in_small_transactions(
    database: Database, admin: asyncpg.Connection
) -> None:
    count = 2 * AT_ONCE + 10
    await admin.execute(
        "INSERT INTO sla.inbox (event_id, handler) SELECT $1, 'h' || n FROM generate_series(1, 3) n",
        some_id(500),
    )
    await admin.execute(
        "INSERT INTO sla.inbox (event_id, handler) SELECT lpad(to_hex(n), 32, '0')::uuid, h "
        "FROM generate_series(1, $1::int) n, unnest('{a,b}'::text[]) h",
        count // 2,
    )
    await purge_inbox(database.sessions("sla"), "sla", KEEP)
    assert await admin.fetchval("SELECT count(*) FROM sla.inbox") == 0


def test_nothing_is_forgotten_that_the_broker_still_has() -> None:
    assert Settings(inbox_keep_days=1, stream_max_age_days=30).inbox_days > 30
    assert Settings(inbox_keep_days=400, stream_max_age_days=30).inbox_days == 400
    assert Settings(inbox_keep_days=400, stream_max_age_days=500).inbox_days > 500


OF_WITHDRAWALS = ("routing.cancel_withdrawn", "routing.drop_notices_of_withdrawn")


async def test_what_came_late_is_remembered_from_then_on(
    app_client: Any, database: Database, admin: asyncpg.Connection
) -> None:
    """An event of long ago, and one that was handled then and is brought again now."""
    _, app = await app_client("routing")
    consumer, sessions = app.state.resources.consumers[0], database.sessions("routing")
    never_seen, seen = withdrawn(500), withdrawn(450)
    await make_day(admin, "routing", 450)
    for handler in OF_WITHDRAWALS:
        await admin.execute("INSERT INTO routing.inbox (event_id, handler) VALUES ($1, $2)", seen.id, handler)
    for _ in range(2):
        await deliver(consumer, [never_seen, seen, withdrawn(0)])
        await purge_inbox(sessions, "routing", KEEP)
    assert await days_known(admin, "routing") == sorted([0, 0, 450, 500] * len(OF_WITHDRAWALS))
    handled = await admin.fetch("SELECT appeal_id FROM routing.routed_appeal")
    assert seen.appeal_id not in {row["appeal_id"] for row in handled}
    assert never_seen.appeal_id in {row["appeal_id"] for row in handled}


def imported(received_at: datetime) -> Event:
    return AppealImported(
        region="46", appeal_id=UUID(str(uuid7(nanoseconds=int(received_at.timestamp() * 1e9)))),
        number="46-2019-0000001", regime="message", channel="portal", client_id="c", text="Яма",
        received_at=received_at,
        taken_over=TakenOver(at=datetime.now(UTC), due="none", closed_at=received_at + timedelta(days=1)),
        organisation="Комитет", outcome="solved",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("part", "table"), [("routing", "routed_appeal"), ("sla", "journal"), ("analytics", "fact_appeal")]
)
async def test_past_cases_get_months_of_their_own(
    app_client: Any, admin: asyncpg.Connection, part: str, table: str
) -> None:
    _, app = await app_client(part)
    cases = [imported(datetime(2019, month, 5, 12, tzinfo=UTC)) for month in (2, 3, 3)]
    await deliver(app.state.resources.consumers[0], [*cases, imported(datetime(1990, 1, 1, tzinfo=UTC))])
    rows = await admin.fetch(f"SELECT tableoid::regclass::text AS part FROM {part}.{table} ORDER BY 1")
    names = [f"{part}.{table}_{end}" for end in ("default", "p201902", "p201903", "p201903")]
    assert [row["part"] for row in rows] == names, "a date that can only be a slip makes no month"
    assert await admin.fetchval("SELECT has_table_privilege($1, $2, 'SELECT')", part, names[1]) is False


@pytest.mark.parametrize("part", SERVICES)
async def test_what_went_to_the_default_partition_moves_to_its_month_and_day(
    database: Database, admin: asyncpg.Connection, part: str
) -> None:
    """As after a stop of months: rows came before their partitions were made, and housekeeping makes them all the same."""
    sessions = database.sessions(part)
    month, day = f"{datetime.now(UTC):%Y%m}", f"{datetime.now(UTC):%Y%m%d}"
    for name in (f"outbox_p{month}", f"inbox_p{day}"):
        await admin.execute(f"DROP TABLE {part}.{name}")
    await admin.execute(
        f"INSERT INTO {part}.outbox (id, region, aggregate_id, subject, payload) VALUES ($1, '46', $1, 's', 'p'), "
        "($2, '46', $2, 's', 'p')",
        some_id(0),
        lowest_uuid7(datetime(2019, 5, 1, tzinfo=UTC)),
    )
    await admin.execute(f"INSERT INTO {part}.inbox (event_id, handler) VALUES ($1, 'h')", some_id(0))
    assert await places(admin, part) == {"outbox_default", "inbox_default"}
    await call(sessions, f"SELECT {part}.create_coming_partitions()")
    assert await places(admin, part) == {"outbox_default", f"outbox_p{month}", f"inbox_p{day}"}
    await call(sessions, f"SELECT {part}.create_months('{{2019-05-20}}')")
    assert await places(admin, part) == {"outbox_p201905", f"outbox_p{month}", f"inbox_p{day}"}


async def places(admin: asyncpg.Connection, part: str) -> set[str]:
    rows = await admin.fetch(
        f"SELECT tableoid::regclass::text AS part FROM {part}.outbox "
        f"UNION SELECT tableoid::regclass::text FROM {part}.inbox"
    )
    return {row["part"].partition(".")[2] for row in rows}


async def call(sessions: async_sessionmaker[AsyncSession], statement: str) -> None:
    async with sessions.begin() as session:
        await session.execute(text(statement))
