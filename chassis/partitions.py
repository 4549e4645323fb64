"""Month and day partitions by UUIDv7: the time is in the key, so no extra column is needed.

Every partitioned table also has a DEFAULT partition, so an insert never fails because a month is missing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Table

Grain = Literal["month", "day"]
MONTHS_AHEAD = 2
DAYS_AHEAD = 5
OLDEST_MONTH = datetime(
    1991, 1, 1, tzinfo=UTC
)  # older dates are rather slips than cases: not a partition each


def lowest_uuid7(at: datetime) -> UUID:
    """The smallest UUIDv7-ordered value of a moment (ms precision); before 1970 the smallest there is."""
    milliseconds = max(0, int(at.timestamp() * 1000))
    return UUID(int=milliseconds << 80)


def uuid7_time(value: UUID) -> datetime:
    """The moment inside a UUIDv7, UTC, ms precision."""
    return datetime.fromtimestamp((value.int >> 80) / 1000, tz=UTC)


def period_start(at: datetime, grain: Grain) -> datetime:
    """First instant (UTC) of the month or day that holds `at`."""
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day.replace(day=1) if grain == "month" else day


def next_period(start: datetime, grain: Grain) -> datetime:
    """First instant of the following period."""
    return period_start(start + timedelta(days=32), grain) if grain == "month" else start + timedelta(days=1)


def partitioned_by(table: Table) -> Grain | None:
    """The grain a model declares with `info={"partition": "month"|"day"}`, or None."""
    grain: Grain | None = table.info.get("partition")
    return grain


def default_partition_statement(table: Table) -> str:
    """DDL for the catch-all partition."""
    return (
        f'CREATE TABLE IF NOT EXISTS "{table.schema}"."{table.name}_default" '
        f'PARTITION OF "{table.schema}"."{table.name}" DEFAULT'
    )


def partition_statement(table: Table, start: datetime, grain: Grain) -> str:
    """DDL for the partition of one period."""
    suffix = start.strftime("%Y%m" if grain == "month" else "%Y%m%d")
    return (
        f'CREATE TABLE IF NOT EXISTS "{table.schema}"."{table.name}_p{suffix}" '
        f'PARTITION OF "{table.schema}"."{table.name}" '
        f"FOR VALUES FROM ('{lowest_uuid7(start)}') TO ('{lowest_uuid7(next_period(start, grain))}')"
    )


def coming_partitions(table: Table, now: datetime) -> list[str]:
    """DDL for the current and the next periods of a table."""
    grain = partitioned_by(table)
    if grain is None:
        return []
    statements, start = [], period_start(now, grain)
    for _ in range(1 + (MONTHS_AHEAD if grain == "month" else DAYS_AHEAD)):
        statements.append(partition_statement(table, start, grain))
        start = next_period(start, grain)
    return statements
