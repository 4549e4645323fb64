"""Tables of intake. Hot tables lead with the region and are partitioned by the month inside the appeal's UUIDv7."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    Float,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from chassis.db import create_metadata
from chassis.feeds import generation_table
from chassis.security import Principal
from chassis.tables import chassis_tables, feed_columns, instant

metadata = create_metadata("intake")
tables = chassis_tables(metadata)


def _by_month(column: str) -> dict[str, Any]:
    return {"info": {"partition": "month"}, "postgresql_partition_by": f"RANGE ({column})"}


def _client_hash() -> Column[int]:
    """Leads an index in place of a client's name, which is long; the rows tell whose they are.

    A column, because behind row security no index of a function is used that might tell of what it is given.
    """
    return Column("client_hash", Integer, Computed("hashtext(client_id)", persisted=True))


appeal = Table(
    "appeal",
    metadata,
    Column("region", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("number", Text, nullable=False),
    Column("regime", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("client_id", Text, nullable=False),
    Column("external_id", Text),
    Column("municipality", Text),
    Column("lat", Float),
    Column("lon", Float),
    Column("topic_wish", Text),
    Column("complained_about", Uuid),
    instant("received_at", nullable=False),
    instant("submitted_at"),
    Column("on_moderation", Boolean, nullable=False),
    # Recomputed from `appeal_history`; nothing else writes them.
    Column("status", Text, nullable=False),
    Column("topic_code", Text),
    Column("organisation_id", Uuid),
    Column("due_on", Date),
    Column(
        "packed", LargeBinary
    ),  # the names of topic and body, and the reason of the due day (see `packed`)
    # The same in clear, in rows of older versions.
    Column("topic_name", Text),
    Column("organisation_name", Text),
    Column("due_reason", Text),
    Column("promised_on", Date),
    Column("answers", Integer, nullable=False, server_default="0"),
    Column("version", Integer, nullable=False, server_default="1"),
    Index(None, "region", "status", "id"),
    _client_hash(),
    Index("appeal_client_ix", "region", "client_hash", "status", "id"),
    **_by_month("id"),
)

# Written by the masking worker, once: the appeal's row itself is never rewritten for it.
appeal_text = Table(
    "appeal_text",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("text", Text, nullable=False),
    Column("address", Text),
    Index("appeal_text_words_ix", text("to_tsvector('russian'::regconfig, text)"), postgresql_using="gin"),
    **_by_month("appeal_id"),
)

# Applicant, original text, full address and tracking code, sealed together.
original = Table(
    "original",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("key_id", SmallInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    **_by_month("appeal_id"),
)

# The register: one row per number, and the way from a tracking code to its appeal. Never partitioned: both are unique.
register = Table(
    "register",
    metadata,
    Column("region", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("appeal_id", Uuid, nullable=False),
    Column("tracking_hash", LargeBinary, nullable=False, unique=True),
)

counter = Table(
    "counter",
    metadata,
    Column("region", Text, primary_key=True),
    Column("year", SmallInteger, primary_key=True),
    Column("last", Integer, nullable=False),
    postgresql_with={"fillfactor": "10"},
)

# What makes a repeat recognisable: keyed hashes of (kind, client, key), of which `kind` says how long they live.
submission_key = Table(
    "submission_key",
    metadata,
    Column("key_hash", LargeBinary, primary_key=True),
    Column("kind", SmallInteger, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    Column("region", Text, nullable=False),
    Column("appeal_id", Uuid, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Index("submission_key_passing_ix", "appeal_id", postgresql_where=text("kind <> 1")),
)

# Committed appeals the masking worker has not spoken about yet.
masking_pending = Table(
    "masking_pending",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("region", Text, nullable=False),
    Column("appeal_id", Uuid, nullable=False),
    Column("traceparent", Text),
    # Why it waits apart for a person, since when, and how often it was tried; `problem` is empty for what is to be done.
    Column("problem", Text),
    Column("attempts", Integer, nullable=False, server_default="0"),
    instant("set_aside_at"),
    # What a case of another system brought along, masked (see `AppealImported`).
    Column("past", JSONB),
)

appeal_history = Table(
    "appeal_history",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    instant("at", nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("assignment_id", Uuid),
    Column("packed", LargeBinary),
    Column("data", JSONB),  # in clear, in rows of older versions
    **_by_month("appeal_id"),
)

# Which bodies may read an appeal; `active` while an assignment of theirs goes on. `status` is the appeal's: a body's
# list is read status by status, as a portal's is (see `chassis.pages`).
appeal_holder = Table(
    "appeal_holder",
    metadata,
    Column("region", Text, primary_key=True),
    Column("organisation_id", Uuid, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("status", Text, nullable=False, server_default="registered"),
    Index(
        "appeal_holder_list_ix",
        "region",
        "organisation_id",
        "status",
        "appeal_id",
        postgresql_where=text("active"),
    ),
    **_by_month("appeal_id"),
)

feed_generation = generation_table(metadata)

appeal_change = Table(
    "appeal_change",
    metadata,
    Column("client_id", Text, nullable=False),
    Column("region", Text, nullable=False),
    Column("appeal_id", Uuid, nullable=False),
    Column("change", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    instant("at", now=True),
    *feed_columns(),
    _client_hash(),
    Index("appeal_change_feed_ix", "client_hash", "xid", "position"),
    **_by_month("appeal_id"),
)

rating = Table(
    "rating",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("answer_id", Uuid, primary_key=True),
    Column("score", SmallInteger, nullable=False),
    Column("solved", Boolean, nullable=False),
    Column("reopened", Boolean, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    instant("rated_at", nullable=False),
)

# What the citizen answered to a body's questions, unmasked.
clarification = Table(
    "clarification",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("key_id", SmallInteger, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("body_hash", LargeBinary, nullable=False),
    instant("clarified_at", nullable=False),
)

original_access = Table(
    "original_access",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("client_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("organisation_id", Uuid),
    Column("purpose", Text, nullable=False),
    instant("at", now=True),
)

# Entries of histories, and openings of originals (`is_access`), whose words were written before they came sealed.
words_to_mask = Table(
    "words_to_mask",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("is_access", Boolean, nullable=False),
)

region_setting = Table(
    "region_setting",
    metadata,
    Column("region", Text, primary_key=True),
    Column("reopen_days", SmallInteger, nullable=False),
    Column("moderated_channels", ARRAY(Text), nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_by", Text, nullable=False),
    instant("changed_at", now=True),
)

# An appeal by its tracking code's hash, locked or not by what the caller adds.
BY_CODE = (
    "SELECT a.*, o.key_id, o.sealed FROM intake.register r "
    "JOIN intake.appeal a ON a.region = r.region AND a.id = r.appeal_id "
    "JOIN intake.original o ON o.region = r.region AND o.appeal_id = r.appeal_id "
    "WHERE r.tracking_hash = :tracking_hash"
)


def within_regions(regions: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """SQL over `a` (appeal), and its parameters. One region is an equality: then the index gives the order of a list."""
    if len(regions) == 1:
        return "a.region = :region", {"region": regions[0]}
    return "a.region = ANY(:regions)", {"regions": list(regions)}


def visible_to(principal: Principal) -> tuple[str, dict[str, Any]]:
    """SQL over `a` (appeal), and its parameters: whose appeals a principal may see inside its regions."""
    if principal.role == "portal":
        return "a.client_id = :own_client", {"own_client": principal.client_id}
    if principal.role == "agency":
        held = (
            "EXISTS (SELECT FROM intake.appeal_holder h WHERE h.region = a.region "
            "AND h.organisation_id = :own_organisation AND h.appeal_id = a.id AND h.active)"
        )
        return held, {"own_organisation": principal.organisation}
    return "true", {}
