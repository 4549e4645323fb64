"""Journals, clocks, timers, what was said, what regions have decided, and the technical tables."""

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
    "appeal": "month",
    "journal": "month",
    "clock": "month",
    "firing": "month",
}


def upgrade() -> None:
    op.create_table(
        "appeal",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence", sa.BigInteger(), server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", name=op.f("appeal_pk")),
        schema="sla",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_index(
        op.f("appeal_region_received_at_ix"), "appeal", ["region", "received_at"], unique=False, schema="sla"
    )
    op.create_index(
        "appeal_unrouted_ix",
        "appeal",
        ["region", "appeal_id"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("sequence = 1"),
    )
    op.create_table(
        "calendar",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", "version", name=op.f("calendar_pk")),
        schema="sla",
    )
    op.create_table(
        "catalogue",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("catalogue_pk")),
        schema="sla",
    )
    op.create_table(
        "clock",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("lead", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("sort_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("met_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("policy_version", sa.Integer(), nullable=True),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("certain", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("change", sa.Text(), nullable=True),
        sa.Column("explanation", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint(
            "region", "appeal_id", "assignment_id", "clock", "cycle", name=op.f("clock_pk")
        ),
        schema="sla",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_index(
        "clock_open_ix",
        "clock",
        ["region", "appeal_id"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        "clock_organisation_ix",
        "clock",
        ["region", "organisation_id", "sort_at", "appeal_id"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )
    op.create_index(
        "clock_state_ix", "clock", ["region", "state", "sort_at", "appeal_id"], unique=False, schema="sla"
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
        schema="sla",
    )
    op.create_table(
        "extension",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("extension_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_days", sa.Integer(), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("notice", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("region", "extension_id", name=op.f("extension_pk")),
        schema="sla",
    )
    op.create_index(
        "extension_requested_ix",
        "extension",
        ["region", "requested_at", "extension_id"],
        unique=False,
        schema="sla",
    )
    op.create_table(
        "firing",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("repeat", sa.Integer(), nullable=False),
        sa.Column("whom", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_for_firing_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fired_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "region",
            "appeal_id",
            "assignment_id",
            "clock",
            "cycle",
            "version",
            "kind",
            "level",
            "repeat",
            name=op.f("firing_pk"),
        ),
        schema="sla",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_index(
        "firing_organisation_ix",
        "firing",
        ["organisation_id", "xid", "position"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("kind <> 'reminder'"),
    )
    op.create_index(
        "firing_region_ix",
        "firing",
        ["region", "xid", "position"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("kind <> 'reminder'"),
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
        schema="sla",
    )
    op.create_index(
        op.f("idempotency_key_created_at_ix"), "idempotency_key", ["created_at"], unique=False, schema="sla"
    )
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("handler", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", "handler", name=op.f("inbox_pk")),
        schema="sla",
        info={"partition": "day"},
        postgresql_partition_by="RANGE (event_id)",
    )
    op.create_table(
        "journal",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", "event_id", name=op.f("journal_pk")),
        schema="sla",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (appeal_id)",
    )
    op.create_table(
        "ladder",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("rung", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("region", "regime", "level", name=op.f("ladder_pk")),
        schema="sla",
    )
    op.create_table(
        "office_hours",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("calendar_version", sa.Integer(), nullable=False),
        sa.Column("hours", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint(
            "region", "organisation_id", "calendar_version", name=op.f("office_hours_pk")
        ),
        schema="sla",
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
        schema="sla",
        info={"partition": "month"},
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(op.f("outbox_aggregate_id_ix"), "outbox", ["aggregate_id"], unique=False, schema="sla")
    op.create_table(
        "outbox_pending",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("replay", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("outbox_pending_pk")),
        schema="sla",
    )
    op.create_table(
        "policy",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", "policy_id", "version", name=op.f("policy_pk")),
        schema="sla",
    )
    op.create_index(op.f("policy_policy_id_ix"), "policy", ["policy_id"], unique=False, schema="sla")
    op.create_table(
        "redating",
        sa.Column("redating_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("everything", sa.Boolean(), nullable=False),
        sa.Column("policy_id", sa.Uuid(), nullable=True),
        sa.Column("clock", sa.Text(), nullable=True),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("redating_id", name=op.f("redating_pk")),
        schema="sla",
    )
    op.create_table(
        "setting",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("minimum_sample", sa.Integer(), nullable=False),
        sa.Column("due_soon_hours", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("setting_pk")),
        schema="sla",
    )
    op.create_table(
        "timer",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("clock", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("fire_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slot", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("regime", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("fired", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("breached_version", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint(
            "region", "appeal_id", "assignment_id", "clock", "cycle", name=op.f("timer_pk")
        ),
        schema="sla",
    )
    op.create_index(
        "timer_fire_at_ix",
        "timer",
        ["fire_at"],
        unique=False,
        schema="sla",
        postgresql_where=sa.text("state = 'armed'"),
    )
    partition_everything("sla", PARTITIONS, op.execute)


def downgrade() -> None:
    op.execute("DROP FUNCTION sla.create_coming_partitions()")
    op.drop_index(
        "timer_fire_at_ix", table_name="timer", schema="sla", postgresql_where=sa.text("state = 'armed'")
    )
    op.drop_table("timer", schema="sla")
    op.drop_table("setting", schema="sla")
    op.drop_table("redating", schema="sla")
    op.drop_index(op.f("policy_policy_id_ix"), table_name="policy", schema="sla")
    op.drop_table("policy", schema="sla")
    op.drop_table("outbox_pending", schema="sla")
    op.drop_index(op.f("outbox_aggregate_id_ix"), table_name="outbox", schema="sla")
    op.drop_table("outbox", schema="sla")
    op.drop_table("office_hours", schema="sla")
    op.drop_table("ladder", schema="sla")
    op.drop_table("journal", schema="sla")
    op.drop_table("inbox", schema="sla")
    op.drop_index(op.f("idempotency_key_created_at_ix"), table_name="idempotency_key", schema="sla")
    op.drop_table("idempotency_key", schema="sla")
    op.drop_index(
        "firing_region_ix", table_name="firing", schema="sla", postgresql_where=sa.text("kind <> 'reminder'")
    )
    op.drop_index(
        "firing_organisation_ix",
        table_name="firing",
        schema="sla",
        postgresql_where=sa.text("kind <> 'reminder'"),
    )
    op.drop_table("firing", schema="sla")
    op.drop_index("extension_requested_ix", table_name="extension", schema="sla")
    op.drop_table("extension", schema="sla")
    op.drop_table("dead_letter", schema="sla")
    op.drop_index("clock_state_ix", table_name="clock", schema="sla")
    op.drop_index(
        "clock_organisation_ix",
        table_name="clock",
        schema="sla",
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )
    op.drop_index(
        "clock_open_ix", table_name="clock", schema="sla", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_table("clock", schema="sla")
    op.drop_table("catalogue", schema="sla")
    op.drop_table("calendar", schema="sla")
    op.drop_index(op.f("appeal_region_received_at_ix"), table_name="appeal", schema="sla")
    op.drop_table("appeal", schema="sla")
