"""What changed in the facts is noted for the copies that follow them; appeals get numbers, which copies know them by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.feeds import generation_statements
from chassis.isolation import POLICY, SERVICE_ONLY

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Not an identity column: partitioned tables have those from version 17 on only.
    op.execute("CREATE SEQUENCE analytics.fact_appeal_row_id")
    op.execute('GRANT USAGE ON SEQUENCE analytics.fact_appeal_row_id TO "analytics"')
    op.execute(
        "ALTER TABLE analytics.fact_appeal ADD COLUMN row_id bigint NOT NULL "
        "DEFAULT nextval('analytics.fact_appeal_row_id')"
    )
    op.create_table(
        "figure_change",
        sa.Column(
            "xid",
            sa.BigInteger(),
            server_default=sa.text("(pg_current_xact_id()::text::bigint)"),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("regions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("appeals", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("figure_change_pk")),
        schema="analytics",
    )
    op.create_index(
        op.f("figure_change_xid_position_ix"), "figure_change", ["xid", "position"], schema="analytics"
    )
    op.create_table(
        "figure_purge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("xid", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("figure_purge_pk")),
        schema="analytics",
    )
    for statement in (
        "ALTER TABLE analytics.figure_change ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY {POLICY} ON analytics.figure_change USING ({SERVICE_ONLY})",
        *generation_statements("analytics", "figure_change"),
    ):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION analytics.settle_feeds()")
    op.drop_table("feed_generation", schema="analytics")
    op.drop_table("figure_purge", schema="analytics")
    op.drop_table("figure_change", schema="analytics")
    op.drop_column("fact_appeal", "row_id", schema="analytics")
    op.execute("DROP SEQUENCE analytics.fact_appeal_row_id")
