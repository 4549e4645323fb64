"""Of an appeal: when the newest decision of a moderator was taken, and what a rejection ended.

What was rejected before had all its open questions ended by that.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_KNOWN = """
UPDATE routing.routed_appeal r SET decided_at = coalesce(r.ended_at, r.admitted_at),
    ended_ids = coalesce((SELECT array_agg(a.id ORDER BY a.id) FROM routing.assignment a
        WHERE a.region = r.region AND a.appeal_id = r.appeal_id AND a.status = 'cancelled' AND r.ended_at IS NOT NULL), '{}')
WHERE r.end_reason = 'Отклонено модератором.' OR (r.ended_at IS NULL AND r.admitted_at IS NOT NULL)
"""

_USED = """
UPDATE routing.attachment a SET is_used = true
WHERE EXISTS (SELECT FROM routing.attachment_use u WHERE u.region = a.region AND u.attachment_id = a.id)
"""


def upgrade() -> None:
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.add_column(
        "routed_appeal", sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True), schema="routing"
    )
    op.add_column(
        "routed_appeal",
        sa.Column("ended_ids", postgresql.ARRAY(sa.Uuid()), server_default="{}", nullable=False),
        schema="routing",
    )
    op.execute(_KNOWN)
    op.add_column(
        "attachment",
        sa.Column("is_used", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="routing",
    )
    op.execute(_USED)
    op.create_index(
        "attachment_unused_ix",
        "attachment",
        ["id"],
        schema="routing",
        postgresql_where=sa.text("NOT is_used"),
    )


def downgrade() -> None:
    op.drop_index("attachment_unused_ix", table_name="attachment", schema="routing")
    op.drop_column("attachment", "is_used", schema="routing")
    op.drop_column("routed_appeal", "ended_ids", schema="routing")
    op.drop_column("routed_appeal", "decided_at", schema="routing")
