"""Words of assignments and the event log are kept packed; what is there already stays as it is and is read as well."""

from alembic import op

from chassis.packing import packing_statements, unpacking_statements

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

PACKED = {"outbox": "payload", "assignment": "text"}


def upgrade() -> None:
    for table, clear in PACKED.items():
        for statement in packing_statements("routing", table, clear):
            op.execute(statement)
    op.execute(
        "ALTER TABLE routing.assignment ADD COLUMN due_packed bytea, ALTER COLUMN explanation DROP NOT NULL, "
        "ALTER COLUMN explanation DROP DEFAULT"
    )
    op.execute("DROP INDEX routing.outbox_aggregate_id_ix")


def downgrade() -> None:
    for table, clear in PACKED.items():
        for statement in unpacking_statements("routing", table, clear):
            op.execute(statement)
    op.execute(
        "ALTER TABLE routing.assignment DROP COLUMN due_packed, ALTER COLUMN explanation SET DEFAULT '{}', "
        "ALTER COLUMN explanation SET NOT NULL"
    )
    op.execute("CREATE INDEX outbox_aggregate_id_ix ON routing.outbox (aggregate_id)")
