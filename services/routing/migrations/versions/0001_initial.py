"""The first tables of routing."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrations import isolate_rows, partition_everything

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("interim", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("cycle", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("answer_pk")),
        schema="routing",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(
        "answer_assignment_ix", "answer", ["region", "assignment_id"], unique=False, schema="routing"
    )
    op.create_table(
        "assignment",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), server_default="lead", nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("importance", sa.Text(), server_default="normal", nullable=False),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("complained_about", sa.Uuid(), nullable=True),
        sa.Column(
            "explanation", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("triage_reason", sa.Text(), nullable=True),
        sa.Column("predecessor_id", sa.Uuid(), nullable=True),
        sa.Column("hops", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("cycle", sa.SmallInteger(), server_default="1", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened_answer_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_reason", sa.Text(), nullable=True),
        sa.Column("deadline_sequence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("lease_token", sa.LargeBinary(), nullable=True),
        sa.Column("lease_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("assignment_pk")),
        schema="routing",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(
        "assignment_appeal_ix", "assignment", ["region", "appeal_id"], unique=False, schema="routing"
    )
    op.create_index(
        "assignment_claimable_ix",
        "assignment",
        ["region", "organisation_id", "due_at", "received_at", "id"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("lease_token IS NULL AND status IN ('new', 'reopened')"),
    )
    op.create_index(
        "assignment_gone_ix",
        "assignment",
        ["region", "organisation_id", "due_at", "received_at", "id"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("status IN ('answered', 'redirected', 'cancelled')"),
    )
    op.create_index(
        "assignment_leased_ix",
        "assignment",
        ["region", "organisation_id", "lease_expires_at"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("lease_token IS NOT NULL"),
    )
    op.create_index(
        "assignment_queue_ix",
        "assignment",
        ["region", "organisation_id", "due_at", "received_at", "id"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text(
            "status IN ('new', 'accepted', 'clarifying', 'interim', 'in_review', 'postponed', 'reopened')"
        ),
    )
    op.create_index(
        "assignment_triage_ix",
        "assignment",
        ["region", "received_at", "id"],
        unique=False,
        schema="routing",
        postgresql_where=sa.text("status = 'triage'"),
    )
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
        schema="routing",
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
        schema="routing",
    )
    op.create_index(
        op.f("idempotency_key_created_at_ix"),
        "idempotency_key",
        ["created_at"],
        unique=False,
        schema="routing",
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "handler", name=op.f("inbox_pk")),
        schema="routing",
        info={"partition": "day"},
        postgresql_partition_by="RANGE (event_id)",
    )
    op.create_table(
        "municipality",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("oktmo", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("stems", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("region", "oktmo", name=op.f("municipality_pk")),
        schema="routing",
    )
    op.create_table(
        "organisation",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("organisation_pk")),
        sa.UniqueConstraint("region", "code", name=op.f("organisation_region_code_uq")),
        schema="routing",
    )
    op.create_index("organisation_id_ix", "organisation", ["id"], unique=False, schema="routing")
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("aggregate_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("outbox_pk")),
        schema="routing",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(
        op.f("outbox_aggregate_id_ix"), "outbox", ["aggregate_id"], unique=False, schema="routing"
    )
    op.create_table(
        "outbox_pending",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("replay", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("outbox_pending_pk")),
        schema="routing",
    )
    op.create_table(
        "queue_change",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "organisation_id", "xid", "position", "assignment_id", name=op.f("queue_change_pk")
        ),
        schema="routing",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (assignment_id)",
    )
    op.create_table(
        "reference_version",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("reference_version_pk")),
        schema="routing",
    )
    op.create_table(
        "routed_appeal",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("routed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region", "appeal_id", name=op.f("routed_appeal_pk")),
        schema="routing",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_table(
        "rule",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("group_code", sa.Text(), nullable=True),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), server_default="lead", nullable=False),
        sa.Column("comment", sa.Text(), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("rule_pk")),
        sa.UniqueConstraint(
            "region",
            "topic",
            "group_code",
            "municipality",
            "organisation_id",
            "role",
            name="rule_subject_uq",
            postgresql_nulls_not_distinct=True,
        ),
        schema="routing",
    )
    op.create_table(
        "setting",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("setting_pk")),
        schema="routing",
    )
    op.create_table(
        "topic",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_code", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.PrimaryKeyConstraint("region", "code", name=op.f("topic_pk")),
        schema="routing",
    )
    op.create_table(
        "topic_group",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("region", "code", name=op.f("topic_group_pk")),
        schema="routing",
    )
    partition_everything(
        "routing",
        {
            "answer": "month",
            "assignment": "month",
            "inbox": "day",
            "outbox": "month",
            "queue_change": "month",
            "routed_appeal": "month",
        },
        op.execute,
    )
    for table in ("assignment", "answer", "queue_change"):
        for statement in isolate_rows(f"routing.{table}", "organisation_id"):
            op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION routing.create_coming_partitions()")
    op.drop_table("topic_group", schema="routing")
    op.drop_table("topic", schema="routing")
    op.drop_table("setting", schema="routing")
    op.drop_table("rule", schema="routing")
    op.drop_table("routed_appeal", schema="routing")
    op.drop_table("reference_version", schema="routing")
    op.drop_table("queue_change", schema="routing")
    op.drop_table("outbox_pending", schema="routing")
    op.drop_index(op.f("outbox_aggregate_id_ix"), table_name="outbox", schema="routing")
    op.drop_table("outbox", schema="routing")
    op.drop_index("organisation_id_ix", table_name="organisation", schema="routing")
    op.drop_table("organisation", schema="routing")
    op.drop_table("municipality", schema="routing")
    op.drop_table("inbox", schema="routing")
    op.drop_index(op.f("idempotency_key_created_at_ix"), table_name="idempotency_key", schema="routing")
    op.drop_table("idempotency_key", schema="routing")
    op.drop_table("dead_letter", schema="routing")
    op.drop_index(
        "assignment_triage_ix",
        table_name="assignment",
        schema="routing",
        postgresql_where=sa.text("status = 'triage'"),
    )
    op.drop_index(
        "assignment_queue_ix",
        table_name="assignment",
        schema="routing",
        postgresql_where=sa.text(
            "status IN ('new', 'accepted', 'clarifying', 'interim', 'in_review', 'postponed', 'reopened')"
        ),
    )
    op.drop_index(
        "assignment_leased_ix",
        table_name="assignment",
        schema="routing",
        postgresql_where=sa.text("lease_token IS NOT NULL"),
    )
    op.drop_index(
        "assignment_gone_ix",
        table_name="assignment",
        schema="routing",
        postgresql_where=sa.text("status IN ('answered', 'redirected', 'cancelled')"),
    )
    op.drop_index(
        "assignment_claimable_ix",
        table_name="assignment",
        schema="routing",
        postgresql_where=sa.text("lease_token IS NULL AND status IN ('new', 'reopened')"),
    )
    op.drop_index("assignment_appeal_ix", table_name="assignment", schema="routing")
    op.drop_table("assignment", schema="routing")
    op.drop_index("answer_assignment_ix", table_name="answer", schema="routing")
    op.drop_table("answer", schema="routing")
