"""Tables of the routing service: reference data of a region, assignments, answers, the queue's delta feed."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from chassis.feeds import generation_table
from chassis.sealed_columns import SealedColumns, sealed_columns
from chassis.tables import chassis_tables, create_metadata, feed_columns, instant

metadata = create_metadata("routing")
tables = chassis_tables(metadata)

# One row per region: bumped by every change of reference data, so that a cached copy is checked by one cheap read.
reference_version = Table(
    "reference_version",
    metadata,
    Column("region", Text, primary_key=True),
    Column("version", Integer, nullable=False, server_default="1"),
)

topic_group = Table(
    "topic_group",
    metadata,
    Column("region", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
)

topic = Table(
    "topic",
    metadata,
    Column("region", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("group_code", Text, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
)

organisation = Table(
    "organisation",
    metadata,
    Column("region", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("parent_id", Uuid),
    Column("municipality", Text),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint("region", "code"),
)
Index("organisation_id_ix", organisation.c.id)

municipality = Table(
    "municipality",
    metadata,
    Column("region", Text, primary_key=True),
    Column("oktmo", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default=""),
    Column("stems", JSONB, nullable=False, server_default="[]"),
)

# Competence: topic, group or neither × municipality or the whole region → a body.
rule = Table(
    "rule",
    metadata,
    Column("region", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("topic", Text),
    Column("group_code", Text),
    Column("municipality", Text),
    Column("organisation_id", Uuid, nullable=False),
    Column("role", Text, nullable=False, server_default="lead"),
    Column("comment", Text, nullable=False, server_default=""),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("active", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint(
        "region",
        "topic",
        "group_code",
        "municipality",
        "organisation_id",
        "role",
        name="rule_subject_uq",
        postgresql_nulls_not_distinct=True,
    ),
)

setting = Table(
    "setting",
    metadata,
    Column("region", Text, primary_key=True),
    Column("settings", JSONB, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
)

# Makes routing safe against a replay even when the inbox was emptied. A row without `routed_at` is an appeal whose
# end (withdrawn, rejected) was heard of before its registration.
routed_appeal = Table(
    "routed_appeal",
    metadata,
    Column("region", Text, primary_key=True),
    Column("appeal_id", Uuid, primary_key=True),
    Column("client_id", Text),
    Column("routed_at", DateTime(timezone=True), server_default=text("now()")),
    Column("end_reason", Text),
    instant("ended_at"),
    # With what a past case came, and the version its assignment was born with: a higher one was worked on.
    Column("import_id", Uuid),
    Column("born_version", SmallInteger),
    info={"partition": "month"},
    postgresql_partition_by="RANGE (appeal_id)",
)
Index(
    "routed_appeal_import_ix",
    routed_appeal.c.region,
    routed_appeal.c.import_id,
    routed_appeal.c.appeal_id,
    postgresql_where=text("import_id IS NOT NULL"),
)

# Imports that were taken back, for ever: what is heard of their cases later is not placed. `pending`: some are still here.
undone_import = Table(
    "undone_import",
    metadata,
    Column("region", Text, primary_key=True),
    Column("import_id", Uuid, primary_key=True),
    Column("pending", Boolean, nullable=False),
    Index("undone_import_pending_ix", "region", "import_id", postgresql_where=text("pending")),
)

assignment = Table(
    "assignment",
    metadata,
    Column("region", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("appeal_id", Uuid, nullable=False),
    Column("number", Text, nullable=False),
    Column("role", Text, nullable=False, server_default="lead"),
    Column("status", Text, nullable=False),
    Column("organisation_id", Uuid),
    Column("topic", Text),
    Column("regime", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("importance", Text, nullable=False, server_default="normal"),
    Column("municipality", Text),
    Column("complained_about", Uuid),
    Column("packed", LargeBinary),  # text, address, explanation and why it is in triage (see `packed`)
    # The same in clear, in rows of older versions.
    Column("text", Text),
    Column("address", Text),
    Column("explanation", JSONB),
    Column("triage_reason", Text),
    Column("predecessor_id", Uuid),
    Column("hops", SmallInteger, nullable=False, server_default="0"),
    Column("cycle", SmallInteger, nullable=False, server_default="1"),
    Column("version", Integer, nullable=False, server_default="1"),
    instant("received_at", nullable=False),
    instant("created_at", nullable=False),
    instant("accepted_at"),
    instant("answered_at"),
    instant("asked_at"),
    Column("reopened_answer_id", Uuid),
    # From the deadline service; never part of `version`.
    instant("due_at"),
    Column("due_on", Date),
    Column("due_packed", LargeBinary),
    Column("due_reason", Text),  # in clear, in rows of older versions
    Column("deadline_sequence", Integer, nullable=False, server_default="0"),
    # The lease; never part of `version`.
    Column("lease_token", LargeBinary),
    instant("lease_expires_at"),
    info={"partition": "month"},
    postgresql_partition_by="RANGE (id)",
)
CLAIMABLE = "lease_token IS NULL AND status IN ('new', 'reopened')"
Index(
    "assignment_claimable_ix",
    assignment.c.region,
    assignment.c.organisation_id,
    assignment.c.due_at,
    assignment.c.received_at,
    assignment.c.id,
    postgresql_where=text(CLAIMABLE),
)
Index(
    "assignment_leased_ix",
    assignment.c.region,
    assignment.c.organisation_id,
    assignment.c.lease_expires_at,
    postgresql_where=text("lease_token IS NOT NULL"),
)
# A queue is read status by status (see `chassis.pages`), so that no filter passes over what it does not ask for.
for name, narrowed in (("assignment_work_ix", ()), ("assignment_topic_ix", (assignment.c.topic,))):
    Index(
        name,
        assignment.c.region,
        assignment.c.organisation_id,
        *narrowed,
        assignment.c.status,
        assignment.c.due_at,
        assignment.c.received_at,
        assignment.c.id,
        postgresql_where=text("organisation_id IS NOT NULL"),
    )
Index(
    "assignment_triage_ix",
    assignment.c.region,
    assignment.c.received_at,
    assignment.c.id,
    postgresql_where=text("status = 'triage'"),
)
Index("assignment_appeal_ix", assignment.c.region, assignment.c.appeal_id)

answer = Table(
    "answer",
    metadata,
    Column("region", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("assignment_id", Uuid, nullable=False),
    Column("appeal_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("text", Text, nullable=False),
    Column("outcome", Text),
    Column("interim", Boolean, nullable=False, server_default=text("false")),
    Column("promised_on", Date),
    Column("cycle", SmallInteger, nullable=False, server_default="1"),
    Column("client_id", Text, nullable=False),
    instant("answered_at", nullable=False),
    *sealed_columns(),
    info={"partition": "month"},
    postgresql_partition_by="RANGE (id)",
)
Index("answer_clear_ix", answer.c.region, answer.c.id, postgresql_where=text("sealed IS NULL"))
ANSWER_WORDS = SealedColumns(answer, "id", ("text",))
Index("answer_assignment_ix", answer.c.region, answer.c.assignment_id)

# Another body was asked for documents (59-ФЗ ст. 10 ч. 2).
document_request = Table(
    "document_request",
    metadata,
    Column("region", Text, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("assignment_id", Uuid, nullable=False),
    Column("appeal_id", Uuid, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("addressee", Text, nullable=False),
    Column("what", Text, nullable=False),
    instant("requested_at", nullable=False),
    instant("received_at"),
    *sealed_columns(),
)
Index("document_request_assignment_ix", document_request.c.region, document_request.c.assignment_id)
Index(
    "document_request_clear_ix",
    document_request.c.region,
    document_request.c.id,
    postgresql_where=text("sealed IS NULL"),
)
DOCUMENT_WORDS = SealedColumns(document_request, "id", ("addressee", "what"))
SEALED = (ANSWER_WORDS, DOCUMENT_WORDS)

feed_generation = generation_table(metadata)

queue_change = Table(
    "queue_change",
    metadata,
    Column("organisation_id", Uuid, nullable=False),
    Column("region", Text, nullable=False),
    Column("assignment_id", Uuid, nullable=False),
    Column("change", Text, nullable=False),
    instant("at", now=True),
    *feed_columns(),
    PrimaryKeyConstraint("organisation_id", "xid", "position", "assignment_id"),
    info={"partition": "month"},
    postgresql_partition_by="RANGE (assignment_id)",
)
