"""Cases of other systems: what was overdue before it came here is not announced, and what was taken back is forgotten."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appeal", sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True), schema="sla")
    op.execute(
        "UPDATE sla.timer t SET state = 'done', slot = NULL FROM sla.journal j "
        "WHERE t.state = 'armed' AND j.region = t.region AND j.appeal_id = t.appeal_id "
        "AND t.due_at <= (j.data -> 'past' ->> 'taken_over_at')::timestamptz"
    )


def downgrade() -> None:
    op.drop_column("appeal", "removed_at", schema="sla")
