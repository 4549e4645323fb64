"""Pages in social networks: watched, counted, and the evidence of what they delivered."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import CLOSED, SHARED, close_table

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

HELD = "intake.holds(region, appeal_id)"
WITHIN = "intake.lies_within(region, appeal_id)"
# What an organisation, and a municipal centre, sees of a table whose region it may see.
TABLES = {
    "channel_connection": (SHARED, SHARED),  # which pages are watched; credentials are sealed
    "channel_source": (HELD, WITHIN),
    "channel_delivery": (HELD, WITHIN),
    "channel_count": (CLOSED, CLOSED),
    "channel_poll": (CLOSED, CLOSED),
}


def upgrade() -> None:
    op.create_table(
        "channel_connection",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("page_id", sa.Text(), nullable=False),
        sa.Column("page_url", sa.Text(), nullable=False),
        sa.Column("page_title", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text()),
        sa.Column("organisation_id", sa.Uuid()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("credential_names", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("key_id", sa.SmallInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("channel_connection_pk")),
        sa.UniqueConstraint("id", name=op.f("channel_connection_id_uq")),
        schema="intake",
    )
    op.create_index(
        "channel_connection_page_ix",
        "channel_connection",
        ["network", "page_id"],
        unique=True,
        schema="intake",
        postgresql_where=sa.text("state <> 'removed'"),
    )
    op.create_table(
        "channel_source",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("conversation", sa.LargeBinary(), nullable=False),
        sa.Column("post_url", sa.Text()),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", name=op.f("channel_source_pk")),
        schema="intake",
    )
    op.create_index(
        op.f("channel_source_connection_id_conversation_appeal_id_ix"),
        "channel_source",
        ["connection_id", "conversation", "appeal_id"],
        schema="intake",
    )
    _create_deliveries()
    op.create_table(
        "channel_count",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", "connection_id", "outcome", name=op.f("channel_count_pk")),
        schema="intake",
    )
    op.create_table(
        "channel_poll",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_to", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("region", "connection_id", name=op.f("channel_poll_pk")),
        schema="intake",
    )
    for table, (organisation, municipality) in TABLES.items():
        for statement in close_table(f"intake.{table}", organisation, municipality):
            op.execute(statement)


def _create_deliveries() -> None:
    op.create_table(
        "channel_delivery",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.LargeBinary(), nullable=False),
        sa.Column("item", sa.LargeBinary(), nullable=False),
        sa.Column("change", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("appeal_id", sa.Uuid()),
        sa.Column("waits_until", sa.DateTime(timezone=True)),
        sa.Column("key_id", sa.SmallInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "event", name=op.f("channel_delivery_pk")),
        schema="intake",
    )
    for columns in (["connection_id", "item"], ["appeal_id"]):
        name = op.f(f"channel_delivery_{'_'.join(columns)}_ix")
        op.create_index(name, "channel_delivery", columns, schema="intake")
    op.create_index(
        "channel_delivery_waits_ix",
        "channel_delivery",
        ["waits_until"],
        schema="intake",
        postgresql_where=sa.text("waits_until IS NOT NULL"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="intake")
