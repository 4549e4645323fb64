"""Past cases that were taken back are counted nowhere."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "fact_appeal", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True), schema="analytics"
    )


def downgrade() -> None:
    op.drop_column("fact_appeal", "removed_at", schema="analytics")
