"""Assignments that somebody has given know it: those passed on, and those of another system."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fact_assignment", sa.Column("by_hand", sa.Boolean(), nullable=True), schema="analytics")


def downgrade() -> None:
    op.drop_column("fact_assignment", "by_hand", schema="analytics")
