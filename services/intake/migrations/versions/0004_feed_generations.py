"""Feeds survive a dump and restore: clusters are generations."""

import sqlalchemy as sa
from alembic import op

from chassis.feeds import generation_statements

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "feed_generation",
        sa.Column("only", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("system_identifier", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("only", name=op.f("feed_generation_pk")),
        schema="intake",
    )
    for statement in generation_statements("intake", "appeal_change"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION intake.settle_feeds()")
    op.drop_table("feed_generation", schema="intake")
