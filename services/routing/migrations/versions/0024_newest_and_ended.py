"""Figures of models and of answers are read by the newest: audits of a model, answers and reviews by their time.

Reviews of what is in review no more are ended; of several answers of one assignment the newest waits.
"""

from alembic import op

revision = "0024"
down_revision = "0018"
branch_labels = None
depends_on = None


END_REVIEWS = """
UPDATE routing.answer_review AS w SET state = 'ended', decided_at = now()
WHERE w.state IN ('waiting', 'signature') AND (
    NOT EXISTS (SELECT FROM routing.assignment a
        WHERE a.region = w.region AND a.id = w.assignment_id AND a.status = 'in_review')
    OR EXISTS (SELECT FROM routing.answer_review n
        WHERE n.region = w.region AND n.assignment_id = w.assignment_id AND n.answer_id > w.answer_id))
"""


def upgrade() -> None:
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute(END_REVIEWS)
    op.execute("DROP INDEX routing.audit_model_ix")
    op.execute("CREATE INDEX audit_model_ix ON routing.audit (region, model_id, id) WHERE status = 'decided'")
    op.execute("CREATE INDEX answer_verdict_at_ix ON routing.answer_verdict (region, answered_at)")
    op.execute(
        "CREATE INDEX answer_review_returned_ix ON routing.answer_review (region, submitted_at) "
        "WHERE state = 'returned'"
    )


def downgrade() -> None:
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute("UPDATE routing.answer_review SET state = 'returned' WHERE state = 'ended'")
    op.execute("DROP INDEX routing.answer_review_returned_ix")
    op.execute("DROP INDEX routing.answer_verdict_at_ix")
    op.execute("DROP INDEX routing.audit_model_ix")
    op.execute("CREATE INDEX audit_model_ix ON routing.audit (region, model_id) WHERE status = 'decided'")
