"""Assignments know whether what was answered last was accepted, and which day they still promise."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_FILL = """
UPDATE analytics.fact_assignment AS t
SET is_reopened = n.is_reopened, promised_on = CASE WHEN NOT n.is_reopened THEN n.promised_on END
FROM (
    SELECT x.region, x.appeal_id, x.assignment_id,
        coalesce(max(2 * x.cycle + (x.reopened_at IS NOT NULL)::int) FILTER (WHERE x.answered_at IS NOT NULL) % 2 = 1, false)
            AS is_reopened,
        (array_agg(x.promised_on ORDER BY x.answered_at DESC, x.answer_id DESC) FILTER (WHERE x.answered_at IS NOT NULL))[1]
            AS promised_on
    FROM analytics.fact_answer AS x GROUP BY x.region, x.appeal_id, x.assignment_id
    HAVING bool_or(x.reopened_at IS NOT NULL) OR bool_or(x.promised_on IS NOT NULL)
) AS n
WHERE t.region = n.region AND t.appeal_id = n.appeal_id AND t.assignment_id = n.assignment_id
"""
# Only what was reopened counted otherwise before. Copies of the facts are made anew: their rows have other sources.
_COUNT_OPEN = """
UPDATE analytics.fact_appeal AS t SET open_leads = n.open_leads
FROM (
    SELECT x.region, x.appeal_id, count(*) FILTER (WHERE x.role = 'lead' AND x.redirected_at IS NULL AND x.cancelled_at IS NULL
        AND (x.answers = 0 OR x.is_reopened)) AS open_leads
    FROM analytics.fact_assignment AS x WHERE x.created_at IS NOT NULL
    GROUP BY x.region, x.appeal_id HAVING bool_or(x.reopenings > 0)
) AS n
WHERE t.region = n.region AND t.appeal_id = n.appeal_id AND t.open_leads <> n.open_leads
"""


def upgrade() -> None:
    op.add_column(
        "fact_assignment",
        sa.Column("is_reopened", sa.Boolean(), server_default="false", nullable=False),
        schema="analytics",
    )
    op.add_column("fact_assignment", sa.Column("promised_on", sa.Date(), nullable=True), schema="analytics")
    op.execute(_FILL)
    op.execute(_COUNT_OPEN)
    op.create_index(
        "fact_assignment_promised_ix",
        "fact_assignment",
        ["region", "promised_on"],
        schema="analytics",
        postgresql_where=sa.text("promised_on IS NOT NULL"),
    )
    op.drop_index("fact_answer_promised_ix", "fact_answer", schema="analytics")


def downgrade() -> None:
    op.create_index(
        "fact_answer_promised_ix",
        "fact_answer",
        ["region", "promised_on"],
        schema="analytics",
        postgresql_where=sa.text("promised_on IS NOT NULL"),
    )
    op.drop_index("fact_assignment_promised_ix", "fact_assignment", schema="analytics")
    op.drop_column("fact_assignment", "promised_on", schema="analytics")
    op.drop_column("fact_assignment", "is_reopened", schema="analytics")
