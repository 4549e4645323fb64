"""Putting a nation's facts into the tables of analytics, as the database's administrator: nothing else is touched."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg

from infra.national.generating import FACTS, Month, National
from infra.national.shape import ORGANISATIONS, TOPICS, TOPICS_OF_A_GROUP, organisation_id, region_codes

Report = Callable[[int, int], None]  # appeals done, and in all
STREAMS = ("INTAKE", "ROUTING", "SLA")
_NAMES = """
INSERT INTO analytics.reference (region, kind, key, version, name)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[]) ON CONFLICT DO NOTHING
"""
_PROGRESS = """
INSERT INTO analytics.progress (stream, newest_at) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING
"""
_MONTHS = "SELECT analytics.create_months($1::timestamptz[])"
_BYTES = """
SELECT coalesce(sum(pg_total_relation_size(i.inhrelid)), 0)::bigint FROM pg_inherits AS i
WHERE i.inhparent = ANY($1::regclass[])
"""


class AlreadyFilled(Exception):
    """The home has facts of its own, which a measurement must not be mixed with."""


@dataclass(frozen=True)
class Filled:
    """What was put in."""

    appeals: int
    bytes_in_postgres: int


async def fill(dsn: str, national: National, appeals: int, report: Report) -> Filled:
    """Copy all months in. `dsn`: of an administrator, whom row security does not hold."""
    connection = await asyncpg.connect(dsn, server_settings={"synchronous_commit": "off"}, timeout=30)
    try:
        await _require_empty(connection)
        await _write_names(connection, national.now)
        with tempfile.TemporaryDirectory() as folder:
            await _copy_months(connection, national, appeals, Path(folder), report)
        for table in FACTS:
            await connection.execute(f"ANALYZE analytics.{table}", timeout=1800)
        size = await connection.fetchval(_BYTES, [f"analytics.{table}" for table in FACTS])
        return Filled(appeals, size)
    finally:
        await connection.close()


async def _require_empty(connection: asyncpg.Connection) -> None:
    if await connection.fetchval("SELECT EXISTS (SELECT FROM analytics.fact_appeal)"):
        raise AlreadyFilled


async def _copy_months(
    connection: asyncpg.Connection, national: National, appeals: int, folder: Path, report: Report
) -> None:
    """While one month is copied in, the next is being made."""
    months = list(national.months())
    await connection.execute(_MONTHS, [_middle_of(month) for month in months])
    making = asyncio.create_task(asyncio.to_thread(national.write, months[0], folder))
    done = 0
    for place, month in enumerate(months):
        files = await making
        if place + 1 < len(months):
            making = asyncio.create_task(asyncio.to_thread(national.write, months[place + 1], folder))
        async with connection.transaction():
            for table, file in files.items():
                await _copy(connection, table, file)
        done += month.appeals
        report(done, appeals)


async def _copy(connection: asyncpg.Connection, table: str, file: Path) -> None:
    await connection.copy_to_table(
        table,
        source=file,
        schema_name="analytics",
        columns=COLUMNS[table],
        format="csv",
        timeout=1800,
    )
    file.unlink()


def _middle_of(month: Month) -> datetime:
    return datetime(month.start.year, month.start.month, 15, tzinfo=UTC)


async def _write_names(connection: asyncpg.Connection, now: datetime) -> None:
    """Of topics, groups and organisations, the same in every region."""
    topics = [(f"t{number:03}", f"Тема {number + 1}") for number in range(TOPICS)]
    groups = [(f"g{number:02}", f"Группа тем {number + 1}") for number in range(TOPICS // TOPICS_OF_A_GROUP)]
    for region in region_codes():
        bodies = [(str(organisation_id(region, each)), f"Орган {each + 1}") for each in range(ORGANISATIONS)]
        kinds = {"topic": topics, "group": groups, "organisation": bodies}
        rows = [(kind, key, name) for kind, names in kinds.items() for key, name in names]
        await connection.execute(
            _NAMES,
            [region] * len(rows),
            [kind for kind, _, _ in rows],
            [key for _, key, _ in rows],
            [1] * len(rows),
            [name for _, _, name in rows],
        )
    await connection.execute(_PROGRESS, list(STREAMS), now)


# The columns of the files, in their order.
COLUMNS = {
    "fact_appeal": [
        *("region", "appeal_id", "received_at", "received_local", "channel", "regime", "municipality"),
        *("cell", "withdrawn_at", "moderated_at", "rejected", "leads", "open_leads", "organisation_id"),
        *("topic", "topic_group", "routed_municipality", "first_reaction_at", "answered_at", "reopenings"),
        *("score_sum", "score_count", "met", "breached"),
    ],
    "fact_assignment": [
        *("region", "appeal_id", "assignment_id", "created_at", "received_at", "received_local", "role"),
        *("channel", "regime", "municipality", "topic_sequence", "topic", "topic_group"),
        *("organisation_sequence", "organisation_id", "first_reaction_at", "redirected_at", "cancelled_at"),
        *("deadline_sequence", "due_at", "clock_met", "clock_breached", "answers", "answered_at"),
        *("reopenings", "score_sum", "score_count", "breaches", "is_reopened"),
    ],
    "fact_answer": [
        *("region", "appeal_id", "answer_id", "assignment_id", "answered_at", "outcome", "cycle"),
        *("reopened_at", "rated_at", "score", "solved"),
    ],
}
