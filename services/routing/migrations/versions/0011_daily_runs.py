"""What is done once a day remembers for which day it was."""

from alembic import op

from chassis.workers import daily_run_statement

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(daily_run_statement("routing"))


def downgrade() -> None:
    op.drop_table("daily_run", schema="routing")
