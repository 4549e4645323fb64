"""Documents asked of other bodies."""

import sqlalchemy as sa
from alembic import op

from chassis.migrations import isolate_rows

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document_request",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("addressee", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("document_request_pk")),
        schema="routing",
    )
    op.create_index(
        "document_request_assignment_ix", "document_request", ["region", "assignment_id"], schema="routing"
    )
    for statement in isolate_rows("routing.document_request", "organisation_id"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("document_request", schema="routing")
