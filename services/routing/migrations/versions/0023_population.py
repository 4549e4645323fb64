"""Municipalities have residents, where reference data say how many."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("municipality", sa.Column("population", sa.Integer(), nullable=True), schema="routing")


def downgrade() -> None:
    op.drop_column("municipality", "population", schema="routing")
