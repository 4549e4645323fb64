"""An appeal that the notice of a planned work answered tells of no trouble: facts know it."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fact_appeal", sa.Column("by_work", sa.Boolean(), nullable=True), schema="analytics")


def downgrade() -> None:
    op.drop_column("fact_appeal", "by_work", schema="analytics")
