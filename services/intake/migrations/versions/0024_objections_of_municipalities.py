"""A municipal centre reads objections of its own municipalities and settles them by deciding; what it decided before is settled."""

from alembic import op

from chassis.isolation import CLOSED, close_table

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

WITHIN = "intake.lies_within(region, appeal_id)"


def upgrade() -> None:
    for statement in close_table("intake.objection", CLOSED, WITHIN):
        op.execute(statement)
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute(
        "UPDATE intake.objection o SET decided_at = h.at FROM intake.appeal_history h WHERE o.decided_at IS NULL "
        "AND h.region = o.region AND h.appeal_id = o.appeal_id AND h.kind = 'moderated' AND h.at >= o.objected_at"
    )


def downgrade() -> None:
    for statement in close_table("intake.objection", CLOSED):
        op.execute(statement)
