"""Objections to appeals that were withdrawn meanwhile wait for nobody's decision."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute(
        "UPDATE intake.objection o SET decided_at = greatest(now(), o.objected_at) FROM intake.appeal a "
        "WHERE o.decided_at IS NULL AND a.region = o.region AND a.id = o.appeal_id AND a.status = 'withdrawn'"
    )


def downgrade() -> None:
    """What was settled stays settled."""
