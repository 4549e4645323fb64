"""Rows are closed until a transaction says whose it is about, in partitions too; nobody changes the event log."""

from alembic import op

from chassis.isolation import CLOSED, OWN, SHARED, isolate, open_again
from chassis.migrations import close_partitions
from chassis.partitions import Grain

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# What an organisation sees of a table whose region it may see (its partitions are reached through it only).
TABLES = {
    "reference_version": SHARED,
    "topic_group": SHARED,
    "topic": SHARED,
    "organisation": SHARED,
    "municipality": SHARED,
    "rule": SHARED,
    "setting": SHARED,
    "routed_appeal": CLOSED,
    "assignment": OWN,
    "answer": OWN,
    "document_request": OWN,
    "queue_change": OWN,
}
PARTITIONS: dict[str, Grain] = {
    "answer": "month",
    "assignment": "month",
    "inbox": "day",
    "outbox": "month",
    "queue_change": "month",
    "routed_appeal": "month",
}


def upgrade() -> None:
    for statement in (*isolate("routing", TABLES), *close_partitions("routing", PARTITIONS)):
        op.execute(statement)


def downgrade() -> None:
    for statement in open_again("routing", TABLES):
        op.execute(statement)
