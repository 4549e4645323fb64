"""Clocks that were overdue before another system's case came here: whatever was still to be said of them is not."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE sla.timer t SET state = 'done', slot = NULL FROM sla.journal j "
        "WHERE t.state = 'armed' AND j.region = t.region AND j.appeal_id = t.appeal_id "
        "AND t.due_at <= (j.data -> 'past' ->> 'taken_over_at')::timestamptz"
    )


def downgrade() -> None:
    pass
