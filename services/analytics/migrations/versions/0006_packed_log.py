"""The event log is kept packed; what is there already stays as it is and is read as well."""

from alembic import op

from chassis.packing import packing_statements, unpacking_statements

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PACKED = {"outbox": "payload"}


def upgrade() -> None:
    for table, clear in PACKED.items():
        for statement in packing_statements("analytics", table, clear):
            op.execute(statement)
    op.execute("DROP INDEX analytics.outbox_aggregate_id_ix")


def downgrade() -> None:
    for table, clear in PACKED.items():
        for statement in unpacking_statements("analytics", table, clear):
            op.execute(statement)
    op.execute("CREATE INDEX outbox_aggregate_id_ix ON analytics.outbox (aggregate_id)")
