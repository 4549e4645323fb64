"""Officials' words of older versions wait to be masked by what is known of the applicant; the service has the keys."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import CLOSED, close_table

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

WITH_WORDS = (
    "created", "corrected", "redirected", "interim_answered", "answered", "clarification_asked", "clarified", "rated",
    "extension_requested", "extension_decided", "documents_requested", "forwarded", "case_marked", "cancelled",
    "moderated", "deadline_set",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "words_to_mask",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("is_access", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", "id", name=op.f("words_to_mask_pk")),
        schema="intake",
    )
    for statement in close_table("intake.words_to_mask", CLOSED):
        op.execute(statement)
    kinds = ", ".join(f"'{kind}'" for kind in WITH_WORDS)
    op.execute(
        "INSERT INTO intake.words_to_mask SELECT region, appeal_id, event_id, false FROM intake.appeal_history "
        f"WHERE kind IN ({kinds})"
    )
    op.execute(
        "INSERT INTO intake.words_to_mask SELECT region, appeal_id, id, true FROM intake.original_access"
    )
    # Answers to requests of the last week, in clear; who repeats such a request meets its version or status instead.
    op.execute("DELETE FROM intake.idempotency_key")


def downgrade() -> None:
    op.drop_table("words_to_mask", schema="intake")
