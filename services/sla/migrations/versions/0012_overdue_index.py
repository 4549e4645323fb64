"""Clocks are counted by state, and overdue ones by organisation, from indexes alone."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "clock_overdue_ix",
        "clock",
        ["region", "organisation_id", "due_at", "appeal_id"],
        schema="sla",
        postgresql_where=sa.text("state = 'breached' AND ended_at IS NULL"),
    )
    op.drop_index("clock_state_ix", "clock", schema="sla")
    _index_states(["organisation_id"])


def downgrade() -> None:
    op.drop_index("clock_state_ix", "clock", schema="sla")
    _index_states([])
    op.drop_index("clock_overdue_ix", "clock", schema="sla")


def _index_states(included: list[str]) -> None:
    columns = ["region", "state", "sort_at", "appeal_id"]
    op.create_index("clock_state_ix", "clock", columns, schema="sla", postgresql_include=included)
