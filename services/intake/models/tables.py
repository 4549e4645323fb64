"""Tables of intake. Hot tables lead with the region and are partitioned by the month inside the appeal's UUIDv7."""

from __future__ import annotations

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

from chassis.feeds import generation_table
from chassis.tables import chassis_tables, create_metadata, feed_columns, instant

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
    # The normal form of the text, where its words read otherwise than they are written: what a search looks at.
    Column("normal", Text),
    Index(
        "appeal_text_words_ix",
        text("to_tsvector('russian'::regconfig, COALESCE(normal, text))"),
        postgresql_using="gin",
    ),
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

# What came together from another system, by region: how many cases, and how far it was taken back. `worked_on`: how many
# cases stood against that when it was asked last.
past_import = Table(
    "past_import",
    metadata,
    Column("region", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("client_id", Text, nullable=False),
    instant("began_at", nullable=False),
    Column("cases", Integer, nullable=False),
    Column("status", Text, nullable=False, server_default="taken_over"),
    Column("removed", Integer, nullable=False, server_default="0"),
    Column("kept", Integer, nullable=False, server_default="0"),
    Column("worked_on", Integer, nullable=False, server_default="0"),
    Column("worked_on_numbers", ARRAY(Text), nullable=False, server_default="{}"),
    Index(None, "id"),
)

# The cases of an import that are still here, and what makes a repeat of each recognisable.
imported_case = Table(
    "imported_case",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("key_hash", LargeBinary, nullable=False),
)

# Appeals that were taken back: what is heard of them later is no longer waited for.
removed_appeal = Table(
    "removed_appeal",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
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
