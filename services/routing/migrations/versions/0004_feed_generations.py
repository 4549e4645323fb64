"""Feeds survive a dump and restore: clusters are generations."""

from alembic import op

from chassis.feeds import generation_statements

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in generation_statements("routing", "queue_change"):
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP FUNCTION routing.settle_feeds()")
    op.drop_table("feed_generation", schema="routing")
