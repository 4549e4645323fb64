"""Explanations, journals and the event log are kept packed; what is there already stays as it is and is read as well."""

from alembic import op

from chassis.packing import packing_statements, unpacking_statements

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

PACKED = {"outbox": "payload", "journal": "data", "clock": "explanation"}


def upgrade() -> None:
    for table, clear in PACKED.items():
        for statement in packing_statements("sla", table, clear):
            op.execute(statement)
    op.execute("DROP INDEX sla.outbox_aggregate_id_ix")
    op.execute("ALTER TABLE sla.clock DROP COLUMN reason")  # follows from the explanation and `change`


def downgrade() -> None:
    for table, clear in PACKED.items():
        for statement in unpacking_statements("sla", table, clear):
            op.execute(statement)
    op.execute("ALTER TABLE sla.clock ADD COLUMN reason text NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE sla.clock ALTER COLUMN reason DROP DEFAULT")
    op.execute("CREATE INDEX outbox_aggregate_id_ix ON sla.outbox (aggregate_id)")
