"""What an appeal is – problem, question, proposal, thanks, nothing –, and the dangers that nobody works on yet."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "assignment",
        sa.Column("kind", sa.Text(), server_default=sa.text("'problem'"), nullable=False),
        schema="routing",
    )
    op.create_index(
        "assignment_danger_ix",
        "assignment",
        ["region", "received_at", "id"],
        schema="routing",
        postgresql_where=sa.text("importance = 'danger' AND status IN ('new', 'reopened', 'triage')"),
    )


def downgrade() -> None:
    op.drop_index("assignment_danger_ix", table_name="assignment", schema="routing")
    op.drop_column("assignment", "kind", schema="routing")
