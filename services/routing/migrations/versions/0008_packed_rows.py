"""Words of assignments and the event log are kept packed; what is there already stays as it is and is read as well.

And queues are read status by status.
"""

from alembic import op

from chassis.packing import packing_statements, unpacking_statements

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PACKED = {"outbox": "payload", "assignment": "text"}

INDEXES = {
    "assignment_work_ix": "region, organisation_id, status, due_at, received_at, id",
    "assignment_topic_ix": "region, organisation_id, topic, status, due_at, received_at, id",
}
FORMER = {
    "queue": "status IN ('new', 'accepted', 'clarifying', 'interim', 'in_review', 'postponed', 'reopened')",
    "gone": "status IN ('answered', 'redirected', 'cancelled')",
}


def upgrade() -> None:
    for table, clear in PACKED.items():
        for statement in packing_statements("routing", table, clear):
            op.execute(statement)
    op.execute(
        "ALTER TABLE routing.assignment ADD COLUMN due_packed bytea, ALTER COLUMN explanation DROP NOT NULL, "
        "ALTER COLUMN explanation DROP DEFAULT"
    )
    op.execute("DROP INDEX routing.outbox_aggregate_id_ix")
    for name in ("queue", "gone"):
        op.execute(f"DROP INDEX routing.assignment_{name}_ix")
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON routing.assignment ({columns}) WHERE organisation_id IS NOT NULL")


def downgrade() -> None:
    for table, clear in PACKED.items():
        for statement in unpacking_statements("routing", table, clear):
            op.execute(statement)
    op.execute(
        "ALTER TABLE routing.assignment DROP COLUMN due_packed, ALTER COLUMN explanation SET DEFAULT '{}', "
        "ALTER COLUMN explanation SET NOT NULL"
    )
    op.execute("CREATE INDEX outbox_aggregate_id_ix ON routing.outbox (aggregate_id)")
    for name in INDEXES:
        op.execute(f"DROP INDEX routing.{name}")
    for name, condition in FORMER.items():
        op.execute(
            f"CREATE INDEX assignment_{name}_ix ON routing.assignment "
            f"(region, organisation_id, due_at, received_at, id) WHERE {condition}"
        )
