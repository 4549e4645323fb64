"""Histories, reasons of deadlines and the event log are kept packed; what is there already stays as it is and is read as well.

And lists of portals and bodies are read status by status.
"""

from alembic import op

from chassis.packing import packing_statements, unpacking_statements

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PACKED = {"outbox": "payload", "appeal_history": "data"}


def upgrade() -> None:
    for table, clear in PACKED.items():
        for statement in packing_statements("intake", table, clear):
            op.execute(statement)
    op.execute("ALTER TABLE intake.appeal ADD COLUMN packed bytea")
    op.execute("DROP INDEX intake.outbox_aggregate_id_ix")
    op.execute("ALTER TABLE intake.appeal_change DROP CONSTRAINT appeal_change_pk")
    op.execute(
        "ALTER TABLE intake.appeal_change ADD COLUMN client_hash integer "
        "GENERATED ALWAYS AS (hashtext(client_id)) STORED"
    )
    op.execute("CREATE INDEX appeal_change_feed_ix ON intake.appeal_change (client_hash, xid, position)")
    op.execute("DROP INDEX intake.appeal_region_client_id_id_ix")
    op.execute(
        "ALTER TABLE intake.appeal ADD COLUMN client_hash integer GENERATED ALWAYS AS (hashtext(client_id)) STORED"
    )
    op.execute("CREATE INDEX appeal_client_ix ON intake.appeal (region, client_hash, status, id)")
    op.execute("ALTER TABLE intake.appeal_holder ADD COLUMN status text NOT NULL DEFAULT 'registered'")
    op.execute(
        "UPDATE intake.appeal_holder h SET status = a.status FROM intake.appeal a "
        "WHERE a.region = h.region AND a.id = h.appeal_id AND a.status <> 'registered'"
    )
    op.execute(
        "CREATE INDEX appeal_holder_list_ix ON intake.appeal_holder (region, organisation_id, status, appeal_id) "
        "WHERE active"
    )


def downgrade() -> None:
    for table, clear in PACKED.items():
        for statement in unpacking_statements("intake", table, clear):
            op.execute(statement)
    op.execute("ALTER TABLE intake.appeal DROP COLUMN packed")
    op.execute("CREATE INDEX outbox_aggregate_id_ix ON intake.outbox (aggregate_id)")
    op.execute("DROP INDEX intake.appeal_client_ix")
    op.execute("ALTER TABLE intake.appeal DROP COLUMN client_hash")
    op.execute("CREATE INDEX appeal_region_client_id_id_ix ON intake.appeal (region, client_id, id)")
    op.execute("DROP INDEX intake.appeal_holder_list_ix")
    op.execute("ALTER TABLE intake.appeal_holder DROP COLUMN status")
    op.execute("DROP INDEX intake.appeal_change_feed_ix")
    op.execute("ALTER TABLE intake.appeal_change DROP COLUMN client_hash")
    op.execute(
        "ALTER TABLE intake.appeal_change ADD CONSTRAINT appeal_change_pk "
        "PRIMARY KEY (client_id, xid, position, appeal_id)"
    )
