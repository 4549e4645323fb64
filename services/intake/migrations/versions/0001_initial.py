"""The first tables of intake."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrations import partition_everything

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=True),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("topic_wish", sa.Text(), nullable=True),
        sa.Column("complained_about", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("on_moderation", sa.Boolean(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("topic_code", sa.Text(), nullable=True),
        sa.Column("topic_name", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_name", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("due_reason", sa.Text(), nullable=True),
        sa.Column("promised_on", sa.Date(), nullable=True),
        sa.Column("answers", sa.Integer(), server_default="0", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("appeal_pk")),
        schema="intake",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(
        op.f("appeal_region_client_id_id_ix"),
        "appeal",
        ["region", "client_id", "id"],
        unique=False,
        schema="intake",
    )
    op.create_index(
        op.f("appeal_region_status_id_ix"),
        "appeal",
        ["region", "status", "id"],
        unique=False,
        schema="intake",
    )
    op.create_table(
        "appeal_change",
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "xid", "position", "appeal_id", name=op.f("appeal_change_pk")),
        schema="intake",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_table(
        "appeal_history",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", "event_id", name=op.f("appeal_history_pk")),
        schema="intake",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_table(
        "appeal_holder",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("region", "organisation_id", "appeal_id", name=op.f("appeal_holder_pk")),
        schema="intake",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_table(
        "appeal_text",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("region", "appeal_id", name=op.f("appeal_text_pk")),
        schema="intake",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_index(
        "appeal_text_words_ix",
        "appeal_text",
        [sa.literal_column("to_tsvector('russian'::regconfig, text)")],
        unique=False,
        schema="intake",
        postgresql_using="gin",
    )
    op.create_table(
        "clarification",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.SmallInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("clarified_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", "id", name=op.f("clarification_pk")),
        schema="intake",
    )
    op.create_table(
        "counter",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region", "year", name=op.f("counter_pk")),
        schema="intake",
        postgresql_with={"fillfactor": "10"},
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
        schema="intake",
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
        schema="intake",
    )
    op.create_index(
        op.f("idempotency_key_created_at_ix"),
        "idempotency_key",
        ["created_at"],
        unique=False,
        schema="intake",
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "handler", name=op.f("inbox_pk")),
        schema="intake",
        info={"partition": "day"},
        postgresql_partition_by="RANGE (event_id)",
    )
    op.create_table(
        "masking_pending",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("masking_pending_pk")),
        schema="intake",
    )
    op.create_table(
        "original",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.SmallInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", name=op.f("original_pk")),
        schema="intake",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_table(
        "original_access",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", "id", name=op.f("original_access_pk")),
        schema="intake",
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
        schema="intake",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(op.f("outbox_aggregate_id_ix"), "outbox", ["aggregate_id"], unique=False, schema="intake")
    op.create_table(
        "outbox_pending",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("replay", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("outbox_pending_pk")),
        schema="intake",
    )
    op.create_table(
        "rating",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("solved", sa.Boolean(), nullable=False),
        sa.Column("reopened", sa.Boolean(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("rated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", "answer_id", name=op.f("rating_pk")),
        schema="intake",
    )
    op.create_table(
        "region_setting",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("reopen_days", sa.SmallInteger(), nullable=False),
        sa.Column("moderated_channels", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("region_setting_pk")),
        schema="intake",
    )
    op.create_table(
        "register",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("year", sa.SmallInteger(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("tracking_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("region", "year", "sequence", name=op.f("register_pk")),
        sa.UniqueConstraint("tracking_hash", name=op.f("register_tracking_hash_uq")),
        schema="intake",
    )
    op.create_table(
        "submission_key",
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name=op.f("submission_key_pk")),
        schema="intake",
    )
    op.create_index(
        "submission_key_passing_ix",
        "submission_key",
        ["appeal_id"],
        unique=False,
        schema="intake",
        postgresql_where=sa.text("kind <> 1"),
    )
    # Already ciphertext: compressing it only costs time.
    op.execute("ALTER TABLE intake.original ALTER COLUMN sealed SET STORAGE EXTERNAL")
    partition_everything(
        "intake",
        {
            "appeal": "month",
            "appeal_change": "month",
            "appeal_history": "month",
            "appeal_holder": "month",
            "appeal_text": "month",
            "inbox": "day",
            "original": "month",
            "outbox": "month",
        },
        op.execute,
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION intake.create_coming_partitions()")
    op.drop_index(
        "submission_key_passing_ix",
        table_name="submission_key",
        schema="intake",
        postgresql_where=sa.text("kind <> 1"),
    )
    op.drop_table("submission_key", schema="intake")
    op.drop_table("register", schema="intake")
    op.drop_table("region_setting", schema="intake")
    op.drop_table("rating", schema="intake")
    op.drop_table("outbox_pending", schema="intake")
    op.drop_index(op.f("outbox_aggregate_id_ix"), table_name="outbox", schema="intake")
    op.drop_table("outbox", schema="intake")
    op.drop_table("original_access", schema="intake")
    op.drop_table("original", schema="intake")
    op.drop_table("masking_pending", schema="intake")
    op.drop_table("inbox", schema="intake")
    op.drop_index(op.f("idempotency_key_created_at_ix"), table_name="idempotency_key", schema="intake")
    op.drop_table("idempotency_key", schema="intake")
    op.drop_table("dead_letter", schema="intake")
    op.drop_table("counter", schema="intake")
    op.drop_table("clarification", schema="intake")
    op.drop_index("appeal_text_words_ix", table_name="appeal_text", schema="intake", postgresql_using="gin")
    op.drop_table("appeal_text", schema="intake")
    op.drop_table("appeal_holder", schema="intake")
    op.drop_table("appeal_history", schema="intake")
    op.drop_table("appeal_change", schema="intake")
    op.drop_index(op.f("appeal_region_status_id_ix"), table_name="appeal", schema="intake")
    op.drop_index(op.f("appeal_region_client_id_id_ix"), table_name="appeal", schema="intake")
    op.drop_table("appeal", schema="intake")
