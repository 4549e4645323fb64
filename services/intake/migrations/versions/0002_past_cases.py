"""What a case of another system brought along waits with it for the masking worker."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "masking_pending",
        sa.Column("past", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        schema="intake",
    )


def downgrade() -> None:
    op.drop_column("masking_pending", "past", schema="intake")
