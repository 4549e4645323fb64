"""What the live stream tells, and what has been published of a month."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.feeds import add_feed_statements, remove_feed_statements
from chassis.isolation import CLOSED, OWN, close_table, lies_in_own

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stream_entry",
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("stream_entry_pk")),
        sa.UniqueConstraint("key", name=op.f("stream_entry_key_uq")),
        schema="analytics",
    )
    op.create_index(
        op.f("stream_entry_xid_position_ix"), "stream_entry", ["xid", "position"], schema="analytics"
    )
    op.create_index(op.f("stream_entry_at_ix"), "stream_entry", ["at"], schema="analytics")
    op.create_table(
        "public_release",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("cells", postgresql.JSONB(), nullable=False),
        sa.Column("as_of", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "month", name=op.f("public_release_pk")),
        schema="analytics",
    )
    for statement in (
        *close_table("analytics.stream_entry", OWN, lies_in_own("municipality")),
        *close_table("analytics.public_release", CLOSED),
        *add_feed_statements("analytics", ["figure_change"], "stream_entry"),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in remove_feed_statements("analytics", ["figure_change"]):
        op.execute(statement)
    op.drop_table("public_release", schema="analytics")
    op.drop_table("stream_entry", schema="analytics")
