"""Which keys the data were made with: compared by every process before it serves."""

import sqlalchemy as sa
from alembic import op

from chassis.keys import key_check_statements

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in key_check_statements("intake"):
        op.execute(statement)
    # An appeal whose original cannot be opened waits apart, and is shown with its age and its attempts.
    op.add_column(
        "masking_pending",
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        schema="intake",
    )
    op.add_column("masking_pending", sa.Column("set_aside_at", sa.DateTime(timezone=True)), schema="intake")


def downgrade() -> None:
    op.drop_column("masking_pending", "set_aside_at", schema="intake")
    op.drop_column("masking_pending", "attempts", schema="intake")
    op.drop_table("key_check", schema="intake")
