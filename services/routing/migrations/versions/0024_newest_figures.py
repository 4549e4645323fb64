"""Figures of models and of answers are read by the newest: audits of a model, answers and reviews by their time."""

from alembic import op

revision = "0024"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX routing.audit_model_ix")
    op.execute("CREATE INDEX audit_model_ix ON routing.audit (region, model_id, id) WHERE status = 'decided'")
    op.execute("CREATE INDEX answer_verdict_at_ix ON routing.answer_verdict (region, answered_at)")
    op.execute(
        "CREATE INDEX answer_review_returned_ix ON routing.answer_review (region, submitted_at) "
        "WHERE state = 'returned'"
    )


def downgrade() -> None:
    op.execute("DROP INDEX routing.answer_review_returned_ix")
    op.execute("DROP INDEX routing.answer_verdict_at_ix")
    op.execute("DROP INDEX routing.audit_model_ix")
    op.execute("CREATE INDEX audit_model_ix ON routing.audit (region, model_id) WHERE status = 'decided'")
