"""Appeals that ended without an answer have no deadline any more: the day of a cancelled clock is not shown."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_NEWEST = """
SELECT DISTINCT ON (h.assignment_id) h.data FROM intake.appeal_history h
WHERE h.region = a.region AND h.appeal_id = a.id AND h.kind = 'deadline_set'
ORDER BY h.assignment_id, h.sequence DESC, h.event_id DESC
"""


def upgrade() -> None:
    op.execute(f"""
UPDATE intake.appeal a SET due_on = NULL, due_reason = NULL
WHERE a.status IN ('withdrawn', 'rejected', 'closed') AND a.due_on IS NOT NULL AND NOT EXISTS (
    SELECT FROM ({_NEWEST}) AS newest CROSS JOIN LATERAL jsonb_array_elements(newest.data -> 'clocks') AS clock
    WHERE clock ->> 'clock' = 'answer' AND clock ->> 'state' <> 'cancelled')
""")


def downgrade() -> None:
    pass
