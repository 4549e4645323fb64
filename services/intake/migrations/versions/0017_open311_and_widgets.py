"""Topics as routing announces them, what Open311 asks about them and shows, and forms on other sites."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import CLOSED, close_table

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("topic", "service_definition", "public_update", "widget")


def upgrade() -> None:
    op.create_table(
        "topic",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("group_code", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("region", "code", name=op.f("topic_pk")),
        schema="intake",
    )
    op.create_table(
        "service_definition",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("attributes", postgresql.JSONB(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", "code", name=op.f("service_definition_pk")),
        schema="intake",
    )
    op.create_table(
        "public_update",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", "event_id", name=op.f("public_update_pk")),
        schema="intake",
    )
    op.create_index(
        op.f("public_update_region_at_event_id_ix"),
        "public_update",
        ["region", "at", "event_id"],
        schema="intake",
    )
    op.create_table(
        "widget",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("origins", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("topics", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("widget_pk")),
        sa.UniqueConstraint("key", name=op.f("widget_key_uq")),
        schema="intake",
    )
    for table in TABLES:
        for statement in close_table(f"intake.{table}", CLOSED):
            op.execute(statement)
    op.create_index(
        "appeal_open311_ix",
        "appeal",
        ["region", "id"],
        schema="intake",
        postgresql_where=sa.text("channel = 'open311'"),
    )


def downgrade() -> None:
    op.drop_index("appeal_open311_ix", table_name="appeal", schema="intake")
    for table in reversed(TABLES):
        op.drop_table(table, schema="intake")
