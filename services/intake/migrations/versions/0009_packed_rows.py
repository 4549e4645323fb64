"""Histories, reasons of deadlines and the event log are kept packed; what is there already stays as it is and is read as well."""

from alembic import op

from chassis.packing import packing_statements, unpacking_statements

revision = "0009"
down_revision = "0006"
branch_labels = None
depends_on = None

PACKED = {"outbox": "payload", "appeal_history": "data"}


def upgrade() -> None:
    for table, clear in PACKED.items():
        for statement in packing_statements("intake", table, clear):
            op.execute(statement)
    op.execute("ALTER TABLE intake.appeal ADD COLUMN due_packed bytea")
    op.execute("DROP INDEX intake.outbox_aggregate_id_ix")


def downgrade() -> None:
    for table, clear in PACKED.items():
        for statement in unpacking_statements("intake", table, clear):
            op.execute(statement)
    op.execute("ALTER TABLE intake.appeal DROP COLUMN due_packed")
    op.execute("CREATE INDEX outbox_aggregate_id_ix ON intake.outbox (aggregate_id)")
