"""Facts, names, progress and the technical tables; the function that clears them for a rebuild."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrations import partition_everything

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

PARTITIONS = {
    "outbox": "month",
    "inbox": "day",
    "fact_appeal": "month",
    "fact_assignment": "month",
    "fact_answer": "month",
    "fact_breach": "month",
}


def upgrade() -> None:
    op.create_table(
        "dead_letter",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "handler", name=op.f("dead_letter_pk")),
        schema="analytics",
    )
    op.create_table(
        "fact_answer",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=True),
        sa.Column("reopened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("solved", sa.Boolean(), nullable=True),
        sa.PrimaryKeyConstraint("region", "appeal_id", "answer_id", name=op.f("fact_answer_pk")),
        schema="analytics",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_table(
        "fact_appeal",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_local", sa.DateTime(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("regime", sa.Text(), nullable=True),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("cell", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("moderated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected", sa.Boolean(), nullable=True),
        sa.Column("leads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("open_leads", sa.Integer(), server_default="0", nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("topic_group", sa.Text(), nullable=True),
        sa.Column("routed_municipality", sa.Text(), nullable=True),
        sa.Column("first_reaction_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopenings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("score_sum", sa.Integer(), server_default="0", nullable=False),
        sa.Column("score_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("met", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("breached", sa.Boolean(), server_default="false", nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", name=op.f("fact_appeal_pk")),
        schema="analytics",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_index(
        op.f("fact_appeal_region_received_local_ix"),
        "fact_appeal",
        ["region", "received_local"],
        unique=False,
        schema="analytics",
    )
    op.create_table(
        "fact_assignment",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_local", sa.DateTime(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=True),
        sa.Column("regime", sa.Text(), nullable=True),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("topic_sequence", sa.Integer(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("topic_group", sa.Text(), nullable=True),
        sa.Column("organisation_sequence", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("first_reaction_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("redirected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline_sequence", sa.Integer(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("clock_met", sa.Boolean(), nullable=True),
        sa.Column("clock_breached", sa.Boolean(), nullable=True),
        sa.Column("answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopenings", sa.Integer(), server_default="0", nullable=False),
        sa.Column("score_sum", sa.Integer(), server_default="0", nullable=False),
        sa.Column("score_count", sa.Integer(), server_default="0", nullable=False),
        sa.Column("breaches", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", "assignment_id", name=op.f("fact_assignment_pk")),
        schema="analytics",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_index(
        op.f("fact_assignment_region_organisation_id_received_local_ix"),
        "fact_assignment",
        ["region", "organisation_id", "received_local"],
        unique=False,
        schema="analytics",
    )
    op.create_table(
        "fact_breach",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("deadline_id", sa.Uuid(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint(
            "region", "appeal_id", "deadline_id", "clock", "cycle", "version", name=op.f("fact_breach_pk")
        ),
        schema="analytics",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_table(
        "idempotency_key",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.Column("response", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "key_hash", name=op.f("idempotency_key_pk")),
        schema="analytics",
    )
    op.create_index(
        op.f("idempotency_key_created_at_ix"),
        "idempotency_key",
        ["created_at"],
        unique=False,
        schema="analytics",
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "handler", name=op.f("inbox_pk")),
        schema="analytics",
        info={"partition": "day"},
        postgresql_partition_by="RANGE (event_id)",
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pk")),
        schema="analytics",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(
        op.f("outbox_aggregate_id_ix"), "outbox", ["aggregate_id"], unique=False, schema="analytics"
    )
    op.create_table(
        "outbox_pending",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("replay", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("outbox_pending_pk")),
        schema="analytics",
    )
    op.create_table(
        "progress",
        sa.Column("stream", sa.Text(), nullable=False),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("stream", name=op.f("progress_pk")),
        schema="analytics",
    )
    op.create_table(
        "reference",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("region", "kind", "key", name=op.f("reference_pk")),
        schema="analytics",
    )
    partition_everything("analytics", PARTITIONS, op.execute)
    # The service's role has no right to TRUNCATE. Tables in the order in which handlers lock them.
    op.execute(
        """
        CREATE FUNCTION analytics.clear_projections() RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $body$
            TRUNCATE analytics.inbox, analytics.fact_appeal, analytics.fact_assignment, analytics.fact_answer,
                analytics.fact_breach, analytics.reference, analytics.progress
        $body$
        """
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION analytics.clear_projections()")
    op.execute("DROP FUNCTION analytics.create_coming_partitions()")
    op.drop_table("reference", schema="analytics")
    op.drop_table("progress", schema="analytics")
    op.drop_table("outbox_pending", schema="analytics")
    op.drop_index(op.f("outbox_aggregate_id_ix"), table_name="outbox", schema="analytics")
    op.drop_table("outbox", schema="analytics")
    op.drop_table("inbox", schema="analytics")
    op.drop_index(op.f("idempotency_key_created_at_ix"), table_name="idempotency_key", schema="analytics")
    op.drop_table("idempotency_key", schema="analytics")
    op.drop_table("fact_breach", schema="analytics")
    op.drop_index(
        op.f("fact_assignment_region_organisation_id_received_local_ix"),
        table_name="fact_assignment",
        schema="analytics",
    )
    op.drop_table("fact_assignment", schema="analytics")
    op.drop_index(op.f("fact_appeal_region_received_local_ix"), table_name="fact_appeal", schema="analytics")
    op.drop_table("fact_appeal", schema="analytics")
    op.drop_table("fact_answer", schema="analytics")
    op.drop_table("dead_letter", schema="analytics")
