"""What bodies wrote is kept sealed; rows in clear are sealed by the service, which has the key."""

from alembic import op

from chassis.sealed_columns import sealing_statements, unsealing_statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("answer", "document_request"):
        for statement in sealing_statements("routing", table, "id"):
            op.execute(statement)
    # Comments of redirections were copied here; the history has them, masked.
    op.execute(
        "UPDATE routing.assignment SET triage_reason = regexp_replace(triage_reason, ' – .*$', '.'), "
        "explanation = CASE WHEN explanation->>'source' = 'redirect' THEN jsonb_set(explanation, '{note}', "
        "to_jsonb(regexp_replace(explanation->>'note', ' – .*$', '.'))) ELSE explanation END "
        "WHERE explanation->>'source' = 'redirect'"
    )
    op.execute(
        "UPDATE routing.routed_appeal SET end_reason = 'Отклонено модератором.' "
        "WHERE end_reason LIKE 'Отклонено модератором: %'"
    )
    # Answers to requests of the last week, in clear; who repeats such a request meets its version or status instead.
    op.execute("DELETE FROM routing.idempotency_key")


def downgrade() -> None:
    for table in ("answer", "document_request"):
        for statement in unsealing_statements("routing", table):
            op.execute(statement)
