"""Explanations, journals and the event log are kept packed; what is there already stays as it is and is read as well.

And every list of deadlines and extensions has an index in its own order.
"""

from alembic import op

from chassis.packing import packing_statements, unpacking_statements

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PACKED = {"outbox": "payload", "journal": "data", "clock": "explanation"}

CLOCKS = "CREATE INDEX clock_organisation_ix ON sla.clock ({}) WHERE organisation_id IS NOT NULL"
EXTENSIONS = "CREATE INDEX extension_{}_ix ON sla.extension (region, requested_at, extension_id)"


def upgrade() -> None:
    for table, clear in PACKED.items():
        for statement in packing_statements("sla", table, clear):
            op.execute(statement)
    op.execute("DROP INDEX sla.outbox_aggregate_id_ix")
    op.execute("ALTER TABLE sla.clock DROP COLUMN reason")  # follows from the explanation and `change`
    op.execute("DROP INDEX sla.clock_organisation_ix")
    op.execute(CLOCKS.format("region, organisation_id, state, sort_at, appeal_id"))
    op.execute("DROP INDEX sla.extension_requested_ix")
    op.execute(EXTENSIONS.format("pending") + " WHERE decision IS NULL")
    op.execute(EXTENSIONS.format("decided") + " WHERE decision IS NOT NULL")


def downgrade() -> None:
    for table, clear in PACKED.items():
        for statement in unpacking_statements("sla", table, clear):
            op.execute(statement)
    op.execute("ALTER TABLE sla.clock ADD COLUMN reason text NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE sla.clock ALTER COLUMN reason DROP DEFAULT")
    op.execute("CREATE INDEX outbox_aggregate_id_ix ON sla.outbox (aggregate_id)")
    op.execute("DROP INDEX sla.clock_organisation_ix")
    op.execute(CLOCKS.format("region, organisation_id, sort_at, appeal_id"))
    op.execute("DROP INDEX sla.extension_pending_ix")
    op.execute("DROP INDEX sla.extension_decided_ix")
    op.execute(EXTENSIONS.format("requested"))
