"""Rows are closed until a transaction says whose it is about, in partitions too; nobody changes the event log."""

from alembic import op

from chassis.isolation import CLOSED, OWN, SHARED, holding_function, isolate, open_again
from chassis.migrations import close_partitions
from chassis.partitions import Grain

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

HELD = "sla.holds(region, appeal_id)"
# What an organisation sees of a table whose region it may see (its partitions are reached through it only).
TABLES = {
    "appeal": HELD,
    "journal": CLOSED,
    "clock": OWN,
    "timer": OWN,
    "firing": OWN,
    "extension": OWN,
    "redating": CLOSED,
    "policy": SHARED,
    "calendar": SHARED,
    "office_hours": SHARED,
    "ladder": SHARED,
    "setting": SHARED,
    "catalogue": SHARED,
}
PARTITIONS: dict[str, Grain] = {
    "outbox": "month",
    "inbox": "day",
    "appeal": "month",
    "journal": "month",
    "clock": "month",
    "firing": "month",
}


def upgrade() -> None:
    op.execute(holding_function("sla", "clock"))
    for statement in (*isolate("sla", TABLES), *close_partitions("sla", PARTITIONS)):
        op.execute(statement)


def downgrade() -> None:
    for statement in open_again("sla", TABLES):
        op.execute(statement)
    op.execute("DROP FUNCTION sla.holds(text, uuid)")
