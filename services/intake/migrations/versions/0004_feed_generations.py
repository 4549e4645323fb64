"""Feeds survive a dump and restore: clusters are generations."""

from alembic import op

from chassis.feeds import generation_statements

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in generation_statements("intake", "appeal_change"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION intake.settle_feeds()")
    op.drop_table("feed_generation", schema="intake")
