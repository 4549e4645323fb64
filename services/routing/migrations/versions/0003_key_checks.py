"""Which keys the data were made with: compared by every process before it serves."""

from alembic import op

from chassis.keys import key_check_statements

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in key_check_statements("routing"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("key_check", schema="routing")
