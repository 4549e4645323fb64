"""Questions that wait for a citizen's reply are found by when they were asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "assignment_asked_ix",
        "assignment",
        ["asked_at"],
        schema="routing",
        postgresql_where=sa.text("status = 'clarifying'"),
    )


def downgrade() -> None:
    op.drop_index("assignment_asked_ix", table_name="assignment", schema="routing")
