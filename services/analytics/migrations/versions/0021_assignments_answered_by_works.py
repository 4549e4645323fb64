"""Assignments that the notice of a planned work answered know it, as their appeals do."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# A notice answers at once: the assignment with the appeal's first answer is the one it answered.
_FILL = """
UPDATE analytics.fact_assignment AS a SET by_work = true FROM analytics.fact_appeal AS p
WHERE p.region = a.region AND p.appeal_id = a.appeal_id AND p.by_work AND a.role = 'lead' AND a.answered_at = p.answered_at
"""


def upgrade() -> None:
    op.add_column("fact_assignment", sa.Column("by_work", sa.Boolean(), nullable=True), schema="analytics")
    op.execute(_FILL)


def downgrade() -> None:
    op.drop_column("fact_assignment", "by_work", schema="analytics")
