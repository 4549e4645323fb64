"""Facts (journal), what follows from them (clock), what is to be said (timer) and was said (firing); what regions
have decided (policy, calendar, office_hours, ladder, setting)."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.feeds import generation_table
from chassis.sealed_columns import SealedColumns, sealed_columns
from chassis.tables import chassis_tables, create_metadata, feed_columns, instant

metadata = create_metadata("sla")
tables = chassis_tables(metadata)

NOBODY: Final = UUID(int=0)
"""`assignment_id` of the appeal's own clocks: a key column cannot be null."""


def _by_month() -> dict[str, Any]:
    return {"info": {"partition": "month"}, "postgresql_partition_by": "RANGE (appeal_id)"}


def _key_of_clock() -> tuple[Column[Any], ...]:
    return (
        Column("region", Text, primary_key=True),
        Column("appeal_id", Uuid, primary_key=True),
        Column("assignment_id", Uuid, primary_key=True),
        Column("clock", Text, primary_key=True),
        Column("cycle", Integer, primary_key=True),
    )


# Its row is the lock under which an appeal's clocks change; `sequence` numbers those changes.
appeal = Table(
    "appeal",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("client_id", Text),
    instant("received_at"),
    Column("sequence", BigInteger, nullable=False, server_default="1"),
    # Taken back: nothing is known of it any more, and whatever is heard of it later is dropped.
    instant("removed_at"),
    Index(None, "region", "received_at"),
    # Appeals that were heard of once only: routing has not spoken yet, and the clocks wait for it a little.
    Index("appeal_unrouted_ix", "region", "appeal_id", postgresql_where=text("sequence = 1")),
    **_by_month(),
)

journal = Table(
    "journal",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    instant("at", nullable=False),
    Column("assignment_id", Uuid),
    # What the fact says beside these columns (see `packed`); `data`: all of it, in rows of older versions.
    Column("packed", LargeBinary),
    Column("data", JSONB),
    **_by_month(),
)

# `sort_at` is due_at, or the end of time while the clock stands still: lists are ordered by it.
clock = Table(
    "clock",
    metadata,
    *_key_of_clock(),
    Column("organisation_id", Uuid),
    Column("lead", Boolean, nullable=False),
    instant("started_at", nullable=False),
    instant("due_at"),
    Column("due_on", Date),
    instant("sort_at", nullable=False),
    Column("state", Text, nullable=False),
    instant("met_at"),
    instant("ended_at"),
    Column("policy_id", Uuid),
    Column("policy_version", Integer),
    Column("calendar_version", Integer, nullable=False),
    Column("certain", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("change", Text),
    # The explanation (see `packed`); `explanation`: the same in clear, in rows of older versions.
    Column("packed", LargeBinary),
    Column("explanation", JSONB),
    Index("clock_state_ix", "region", "state", "sort_at", "appeal_id"),
    Index(
        "clock_organisation_ix",
        "region",
        "organisation_id",
        "state",
        "sort_at",
        "appeal_id",
        postgresql_where=text("organisation_id IS NOT NULL"),
    ),
    Index("clock_open_ix", "region", "appeal_id", postgresql_where=text("ended_at IS NULL")),
    **_by_month(),
)

# One row per clock of which something is to be said or was: the next timer and the memory of `settlements.Memory`.
timer = Table(
    "timer",
    metadata,
    *_key_of_clock(),
    Column("version", Integer, nullable=False),
    Column("state", Text, nullable=False),
    instant("fire_at", nullable=False),
    Column("slot", Text),
    instant("started_at", nullable=False),
    instant("due_at"),
    Column("organisation_id", Uuid),
    Column("regime", Text, nullable=False),
    Column("municipality", Text),
    Column("fired", ARRAY(Text), nullable=False),
    Column("breached_version", Integer),
    Index("timer_fire_at_ix", "fire_at", postgresql_where=text("state = 'armed'")),
)

feed_generation = generation_table(metadata)

# What was said, once each: the key holds even if a timer were armed twice. Read as the escalations feed.
firing = Table(
    "firing",
    metadata,
    *_key_of_clock(),
    Column("version", Integer, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("repeat", Integer, primary_key=True),
    Column("whom", Text, nullable=False),
    Column("organisation_id", Uuid),
    instant("due_at", nullable=False),
    instant("due_for_firing_at", nullable=False),
    instant("fired_at", nullable=False),
    instant("withdrawn_at"),
    *feed_columns(),
    Index("firing_region_ix", "region", "xid", "position", postgresql_where=text("kind <> 'reminder'")),
    Index(
        "firing_organisation_ix",
        "organisation_id",
        "xid",
        "position",
        postgresql_where=text("kind <> 'reminder'"),
    ),
    **_by_month(),
)

extension = Table(
    "extension",
    metadata,
    Column("region", Text, primary_key=True),
    Column("extension_id", Uuid, primary_key=True),
    Column("appeal_id", Uuid, nullable=False),
    Column("assignment_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("days", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    instant("requested_at", nullable=False),
    Column("decision", Text),
    Column("decided_days", Integer),
    Column("decision_reason", Text),
    Column("decided_by", Text),
    instant("decided_at"),
    instant("notified_at"),
    Column("notice", Text),
    *sealed_columns(),
    Index(
        "extension_pending_ix",
        "region",
        "requested_at",
        "extension_id",
        postgresql_where=text("decision IS NULL"),
    ),
    Index(
        "extension_decided_ix",
        "region",
        "requested_at",
        "extension_id",
        postgresql_where=text("decision IS NOT NULL"),
    ),
    Index("extension_clear_ix", "region", "extension_id", postgresql_where=text("sealed IS NULL")),
)
# What the coordinator says. `reason`: the body's, in rows that are older than `extension_reason`.
EXTENSION_WORDS: Final = SealedColumns(extension, "extension_id", ("reason", "decision_reason", "notice"))

# Why bodies ask for more days, as intake has masked it; comes before or after the request itself.
extension_reason = Table(
    "extension_reason",
    metadata,
    Column("region", Text, primary_key=True),
    Column("extension_id", Uuid, primary_key=True),
    Column("reason", Text, nullable=False),
)

policy = Table(
    "policy",
    metadata,
    Column("region", Text, primary_key=True),
    Column("policy_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("data", JSONB, nullable=False),
    Column("created_by", Text, nullable=False),
    instant("created_at", now=True),
    Index(None, "policy_id"),
)

calendar = Table(
    "calendar",
    metadata,
    Column("region", Text, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("data", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_by", Text, nullable=False),
    instant("created_at", now=True),
)

office_hours = Table(
    "office_hours",
    metadata,
    Column("region", Text, primary_key=True),
    Column("organisation_id", Uuid, primary_key=True),
    Column("calendar_version", Integer, primary_key=True),
    Column("hours", JSONB),
)

ladder = Table(
    "ladder",
    metadata,
    Column("region", Text, primary_key=True),
    Column("regime", Text, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("rung", JSONB, nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("region", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("minimum_sample", Integer, nullable=False),
    Column("due_soon_hours", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    instant("changed_at", now=True),
)

# Grows with every decision of a region, so that a cached catalogue is checked by one small read.
catalogue = Table(
    "catalogue",
    metadata,
    Column("region", Text, primary_key=True),
    Column("version", BigInteger, nullable=False),
)

# A decision that running clocks have to follow: worked through in batches after `appeal_id`.
redating = Table(
    "redating",
    metadata,
    Column("redating_id", Uuid, primary_key=True),
    Column("region", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("everything", Boolean, nullable=False),
    Column("policy_id", Uuid),
    Column("clock", Text),
    Column("appeal_id", Uuid, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    instant("created_at", now=True),
)
