"""What stands un-accepted is found by its time; organisations note a number and a person; feeds say why something left;
questions to citizens and their replies are kept with the assignment."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import OWN, close_table

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TO_ACCEPT = "status IN ('new', 'reopened')"
INDEXES = {
    "assignment_person_ix": (
        "region, organisation_id, person, status, due_at, received_at, id",
        "person IS NOT NULL",
    ),
    "assignment_offered_ix": ("region, offered_at, id", TO_ACCEPT),
    "assignment_own_offered_ix": ("region, organisation_id, offered_at, id", TO_ACCEPT),
    "assignment_returns_ix": ("returns_at", "returns_at IS NOT NULL"),
}


def upgrade() -> None:
    op.execute(
        "ALTER TABLE routing.assignment ADD COLUMN offered_at timestamptz, ADD COLUMN external_ref text, "
        "ADD COLUMN person uuid, ADD COLUMN returns_to uuid, ADD COLUMN returns_at timestamptz"
    )
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute(
        "UPDATE routing.assignment SET offered_at = "
        "CASE WHEN status = 'reopened' THEN coalesce(answered_at, created_at) ELSE created_at END "
        f"WHERE {TO_ACCEPT}"
    )
    for name, (columns, condition) in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON routing.assignment ({columns}) WHERE {condition}")
    op.execute(
        "ALTER TABLE routing.queue_change ADD COLUMN status text, ADD COLUMN reason text, ADD COLUMN external_ref text"
    )
    _create_clarifications()


def _create_clarifications() -> None:
    op.create_table(
        "clarification",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key_id", sa.SmallInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("clarification_pk")),
        schema="routing",
    )
    op.create_index(
        "clarification_assignment_ix", "clarification", ["region", "assignment_id"], schema="routing"
    )
    for statement in close_table("routing.clarification", OWN, "routing.lies_within(region, assignment_id)"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("clarification", schema="routing")
    op.execute(
        "ALTER TABLE routing.queue_change DROP COLUMN status, DROP COLUMN reason, DROP COLUMN external_ref"
    )
    for name in INDEXES:
        op.execute(f"DROP INDEX routing.{name}")
    op.execute(
        "ALTER TABLE routing.assignment DROP COLUMN offered_at, DROP COLUMN external_ref, DROP COLUMN person, "
        "DROP COLUMN returns_to, DROP COLUMN returns_at"
    )
