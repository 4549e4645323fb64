"""What is done once a day remembers for which day it was."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "daily_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("daily_run_pk")),
        schema="intake",
    )


def downgrade() -> None:
    op.drop_table("daily_run", schema="intake")
