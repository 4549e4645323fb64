"""Rows are closed until a transaction says whose it is about, in partitions too; nobody changes the event log."""

from alembic import op

from chassis.isolation import CLOSED, OWN, SHARED, holding_function, isolate, open_again
from chassis.migrations import close_partitions
from chassis.partitions import Grain

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# The lead body is named in the row itself; only for the others the assignments are asked.
HELD = f"({OWN} OR analytics.holds(region, appeal_id))"
# What an organisation sees of a table whose region it may see (its partitions are reached through it only).
TABLES = {
    "fact_appeal": HELD,
    "fact_assignment": OWN,
    "fact_answer": CLOSED,
    "fact_breach": CLOSED,
    "reference": SHARED,
}
PARTITIONS: dict[str, Grain] = {
    "outbox": "month",
    "inbox": "day",
    "fact_appeal": "month",
    "fact_assignment": "month",
    "fact_answer": "month",
    "fact_breach": "month",
}


def upgrade() -> None:
    op.execute(holding_function("analytics", "fact_assignment"))
    for statement in (*isolate("analytics", TABLES), *close_partitions("analytics", PARTITIONS)):
        op.execute(statement)


def downgrade() -> None:
    for statement in open_again("analytics", TABLES):
        op.execute(statement)
    op.execute("DROP FUNCTION analytics.holds(text, uuid)")
