"""Assignments know the legal day of receipt of paper and calls; a question keeps all that was said to it; an assignment knows
that something was asked for.
"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_KEEP_REPLIES = """
UPDATE routing.clarification SET replies = jsonb_build_array(jsonb_build_object('at', received_at, 'text', text))
WHERE received_at IS NOT NULL
"""
_KEEP_ASKED = """
UPDATE routing.assignment a SET is_asked_about = true
WHERE EXISTS (SELECT FROM routing.document_request d WHERE d.region = a.region AND d.assignment_id = a.id)
"""
_JOIN_REPLIES = """
UPDATE routing.clarification c SET (text, received_at) = (
    SELECT string_agg(r ->> 'text', E'\n\n' ORDER BY (r ->> 'at')::timestamptz), max((r ->> 'at')::timestamptz)
    FROM jsonb_array_elements(c.replies) AS r
)
WHERE c.replies <> '[]'
"""


def upgrade() -> None:
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute(
        "ALTER TABLE routing.assignment ADD COLUMN received_on date, "
        "ADD COLUMN is_asked_about boolean NOT NULL DEFAULT false"
    )
    op.execute(_KEEP_ASKED)
    op.execute("ALTER TABLE routing.clarification ADD COLUMN replies jsonb NOT NULL DEFAULT '[]'")
    op.execute(_KEEP_REPLIES)
    op.execute("ALTER TABLE routing.clarification DROP COLUMN text, DROP COLUMN received_at")


def downgrade() -> None:
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute("ALTER TABLE routing.clarification ADD COLUMN text text, ADD COLUMN received_at timestamptz")
    op.execute(_JOIN_REPLIES)
    op.execute("ALTER TABLE routing.clarification DROP COLUMN replies")
    op.execute("ALTER TABLE routing.assignment DROP COLUMN received_on, DROP COLUMN is_asked_about")
