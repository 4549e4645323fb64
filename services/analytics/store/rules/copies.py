"""The copy of the facts: the rows of the sources, column by column, in a file of DuckDB's. Its tables and its statements."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from services.analytics.store.rules.sources import (
    APPEALS,
    ASSIGNMENTS_ON_THE_MAP,
    Base,
    assignments_on_map,
)

# Texts and not numbers or enumerations: a segment keeps each text once, which costs a byte or two a row, and the very
# expressions of the measures hold. An appeal's UUID would cost sixteen, so it has a number here.
COLUMNS: Mapping[str, str] = {
    "row_id": "BIGINT",
    "region": "VARCHAR",
    "received_local": "TIMESTAMP",
    "channel": "VARCHAR",
    "topic": "VARCHAR",
    "topic_group": "VARCHAR",
    "organisation_id": "VARCHAR",
    "cell": "BIGINT",
    "municipality": "VARCHAR",
    "routed_municipality": "VARCHAR",
    "seconds_to_first_reaction": "DOUBLE",
    "seconds_to_answer": "DOUBLE",
    "seconds_to_end": "DOUBLE",
    "received_epoch": "BIGINT",
    "days_to_first_reaction": "INTEGER",
    "days_to_answer": "INTEGER",
    "working_seconds_to_first_reaction": "BIGINT",
    "working_seconds_to_answer": "BIGINT",
    "closed_local": "TIMESTAMP",
    "reopenings": "INTEGER",
    "score_sum": "INTEGER",
    "score_count": "INTEGER",
    "solved_count": "INTEGER",
    "satisfied_count": "INTEGER",
    "reached_count": "INTEGER",
    "reached_known": "INTEGER",
    "due_on": "DATE",
    "due_epoch": "BIGINT",
    "due_kept": "BOOLEAN",
    "met": "BOOLEAN",
    "breached": "BOOLEAN",
    "by_work": "BOOLEAN",
    "is_open": "BOOLEAN",
    "is_in_triage": "BOOLEAN",
}
_NAMES = ", ".join(COLUMNS)
# Table of the copy → the rows of the facts that it holds.
TABLES: Mapping[str, str] = {"appeal": APPEALS, "assignment": ASSIGNMENTS_ON_THE_MAP}
# A file made by other sources, columns or tables is made anew.
FORMAT = hashlib.sha256(repr((1, TABLES, COLUMNS)).encode()).hexdigest()[:16]

_CHANGED = """
WITH changed AS MATERIALIZED (
    SELECT DISTINCT * FROM unnest(CAST(:regions AS text[]), CAST(:appeals AS uuid[])) AS c(region, appeal_id)
)
"""
CHANGED_NUMBERS = f"""
{_CHANGED} SELECT t.row_id FROM changed JOIN analytics.fact_appeal AS t USING (region, appeal_id)
"""


def changed_rows(table: str) -> str:
    """SQL for Postgres: what the copy's table shall hold of the appeals in :regions and :appeals."""
    return (
        f"{_CHANGED} SELECT {', '.join(f'f.{name}' for name in COLUMNS)} FROM changed AS c CROSS JOIN LATERAL "
        f"(SELECT * FROM ({TABLES[table]}) AS s WHERE s.region = c.region AND s.appeal_id = c.appeal_id) AS f"
    )


def rows_between(table: str) -> str:
    """SQL for Postgres: what it shall hold of the appeals of :region from :first to :last, both inclusive."""
    within = "region = :region AND appeal_id >= :first AND appeal_id <= :last"
    source = (
        assignments_on_map(f"(SELECT * FROM analytics.fact_appeal WHERE {within})")
        if table == "assignment"
        else TABLES[table]
    )
    return f"SELECT {_NAMES} FROM ({source}) AS f WHERE {within}"


@dataclass(frozen=True, slots=True)
class Counts:
    """What the nightly comparison compares: rows, and a few sums that show whether the rows are the present ones."""

    count: int
    answered: int
    assigned: int
    open: int
    reopenings: int


_COUNTS = """
count(*) AS count, count(seconds_to_answer) AS answered, count(organisation_id) AS assigned,
count(*) FILTER (WHERE is_open) AS open, coalesce(sum(reopenings), 0)::bigint AS reopenings
"""


def counts_in_facts(table: str) -> str:
    """SQL for Postgres: `Counts` of a :region."""
    return f"SELECT {_COUNTS} FROM ({TABLES[table]}) AS f WHERE region = :region"


def counts_in_copy(catalog: str, table: str) -> str:
    """The same of a region ($1) in a file."""
    return f"SELECT {_COUNTS} FROM {catalog}.{table} WHERE region = $1"


def sources_in(catalog: str) -> Mapping[Base, str]:
    """The sources of figures within one file."""
    assignments = f"SELECT * FROM {catalog}.assignment"
    return {
        "appeal": f"SELECT * FROM {catalog}.appeal",
        "assignment": assignments,
        "assignment_on_map": assignments,
    }


def create_statements(catalog: str) -> list[str]:
    """The tables of a new file. `place`: up to where it follows the facts; none before the file is complete."""
    columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    return [
        *(f"CREATE TABLE {catalog}.{table} ({columns})" for table in TABLES),
        f"CREATE TABLE {catalog}.place (format VARCHAR, xid BIGINT, position BIGINT, history VARCHAR, as_of VARCHAR)",
    ]


def delete_statement(catalog: str, table: str) -> str:
    """Take away the rows of appeals by their numbers ($1)."""
    return f"DELETE FROM {catalog}.{table} WHERE row_id IN (SELECT unnest(CAST($1 AS BIGINT[])))"


def load_statement(catalog: str, table: str, file: Path) -> str:
    """Add the rows of a file that Postgres wrote."""
    columns = ", ".join(f"'{name}': '{kind}'" for name, kind in COLUMNS.items())
    options = "header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = ''"
    path = str(file).replace("'", "''")
    return (
        f"INSERT INTO {catalog}.{table} SELECT {_NAMES} FROM read_csv('{path}', {options}, "
        f"allow_quoted_nulls = false, columns = {{{columns}}}) ORDER BY region, received_local"
    )


def sort_statement(catalog: str, table: str, source: str) -> str:
    """Add a region ($1) of another file's rows in order."""
    return (
        f"INSERT INTO {catalog}.{table} SELECT {_NAMES} FROM {source}.{table} WHERE region = $1 "
        "ORDER BY received_local"
    )
