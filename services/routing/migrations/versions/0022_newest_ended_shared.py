"""Figures of models and of answers are read by the newest: audits of a model, answers and reviews by their time.

Reviews of what is in review no more are ended; of several answers of one assignment the newest waits.

Answered cases are read by every organisation of their region through one function: of other organisations' assignments and
answers it gives what the citizen's words and the answer are, masked, and nothing that is not an answered case.
"""

from alembic import op

revision = "0022"
down_revision = "0021"
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

# The scope is widened for one query alone; whose regions, and municipalities, is the transaction's own. Where the query fails,
# the scope goes back with its transaction, or with the savepoint.
SHARED_CASES = """
CREATE FUNCTION routing.shared_cases(its_region text, its_ids uuid[]) RETURNS TABLE (
    assignment_id uuid, answer bytea, appeal_id uuid, number text, topic text, packed bytea, text text, outcome text,
    score smallint, reopened boolean)
LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
#variable_conflict use_column
DECLARE
    scope text := coalesce(current_setting('app.scope', true), '');
BEGIN
    IF scope <> 'service' AND (scope NOT IN ('regions', 'organisation', 'municipalities')
        OR its_region <> ALL (string_to_array(coalesce(current_setting('app.regions', true), ''), ','))) THEN
        RETURN;
    END IF;
    PERFORM set_config('app.scope', 'service', true);
    RETURN QUERY
        SELECT k.assignment_id, k.packed, a.appeal_id, a.number, a.topic, a.packed, a.text, w.outcome, v.score, v.reopened
        FROM routing.answered_case k
        JOIN routing.assignment a ON a.region = k.region AND a.id = k.assignment_id
        JOIN routing.answer w ON w.region = k.region AND w.id = k.answer_id
        LEFT JOIN routing.answer_verdict v ON v.region = k.region AND v.answer_id = k.answer_id
        WHERE k.region = its_region AND k.assignment_id = ANY (its_ids)
            AND (scope <> 'municipalities' OR routing.lies_within(k.region, k.assignment_id));
    PERFORM set_config('app.scope', scope, true);
END $body$
"""


def upgrade() -> None:
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute(END_REVIEWS)
    op.execute(SHARED_CASES)
    op.execute("DROP INDEX routing.audit_model_ix")
    op.execute("CREATE INDEX audit_model_ix ON routing.audit (region, model_id, id) WHERE status = 'decided'")
    op.execute("CREATE INDEX answer_verdict_at_ix ON routing.answer_verdict (region, answered_at)")
    op.execute(
        "CREATE INDEX answer_review_returned_ix ON routing.answer_review (region, submitted_at) "
        "WHERE state = 'returned'"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION routing.shared_cases(text, uuid[])")
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute("UPDATE routing.answer_review SET state = 'returned' WHERE state = 'ended'")
    op.execute("DROP INDEX routing.answer_review_returned_ix")
    op.execute("DROP INDEX routing.answer_verdict_at_ix")
    op.execute("DROP INDEX routing.audit_model_ix")
    op.execute("CREATE INDEX audit_model_ix ON routing.audit (region, model_id) WHERE status = 'decided'")
