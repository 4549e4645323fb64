"""Tables of analytics: facts about appeals, their assignments, answers and breaches; names; how far we have read.

No personal data, no texts, no exact places. `fact_appeal` and `fact_assignment` hold what events said and, below, totals
of the rows beneath them; totals are always recomputed while the appeal's row is locked.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Integer, SmallInteger, Table, Text, Uuid

from chassis.tables import chassis_tables, create_metadata, instant

metadata = create_metadata("analytics")
tables = chassis_tables(metadata)


def _by_month() -> dict[str, Any]:
    return {"info": {"partition": "month"}, "postgresql_partition_by": "RANGE (appeal_id)"}


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default="0")


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default="false")


fact_appeal = Table(
    "fact_appeal",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    instant("received_at"),
    Column("received_local", DateTime),
    Column("channel", Text),
    Column("regime", Text),
    Column("municipality", Text),
    Column("cell", BigInteger),
    instant("withdrawn_at"),
    instant("moderated_at"),
    Column("rejected", Boolean),
    # Taken back: counted nowhere, and what is below it is gone.
    instant("removed_at"),
    # Totals over its assignments.
    _count("leads"),
    _count("open_leads"),
    Column("organisation_id", Uuid),
    Column("topic", Text),
    Column("topic_group", Text),
    Column("routed_municipality", Text),
    instant("first_reaction_at"),
    instant("answered_at"),
    _count("reopenings"),
    _count("score_sum"),
    _count("score_count"),
    _flag("met"),
    _flag("breached"),
    Index(None, "region", "received_local"),
    **_by_month(),
)
fact_assignment = Table(
    "fact_assignment",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("assignment_id", Uuid, primary_key=True),
    instant("created_at"),
    instant("received_at"),
    Column("received_local", DateTime),
    Column("role", Text),
    Column("channel", Text),
    Column("regime", Text),
    Column("municipality", Text),
    Column("topic_sequence", Integer),
    Column("topic", Text),
    Column("topic_group", Text),
    Column("organisation_sequence", Integer),
    Column("organisation_id", Uuid),
    instant("first_reaction_at"),
    instant("redirected_at"),
    instant("cancelled_at"),
    Column("deadline_sequence", Integer),
    instant("due_at"),
    Column("clock_met", Boolean),
    Column("clock_breached", Boolean),
    # Totals over its answers and breaches.
    _count("answers"),
    instant("answered_at"),
    _count("reopenings"),
    _count("score_sum"),
    _count("score_count"),
    _count("breaches"),
    Index(None, "region", "organisation_id", "received_local"),
    **_by_month(),
)
fact_answer = Table(
    "fact_answer",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("answer_id", Uuid, primary_key=True),
    Column("assignment_id", Uuid),
    instant("answered_at"),
    Column("outcome", Text),
    Column("cycle", Integer),
    instant("reopened_at"),
    instant("rated_at"),
    Column("score", SmallInteger),
    Column("solved", Boolean),
    **_by_month(),
)
fact_breach = Table(
    "fact_breach",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("deadline_id", Uuid, primary_key=True),
    Column("clock", Text, primary_key=True),
    Column("cycle", Integer, primary_key=True, autoincrement=False),
    Column("version", Integer, primary_key=True, autoincrement=False),
    instant("due_at"),
    instant("fired_at"),
    instant("corrected_at"),
    **_by_month(),
)
reference = Table(
    "reference",
    metadata,
    Column("region", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("name", Text, nullable=False),
)
progress = Table(
    "progress",
    metadata,
    Column("stream", Text, primary_key=True),
    instant("newest_at", nullable=False),
)
