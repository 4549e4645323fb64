"""The inbox is purged, months are made for what lies in the past, parts of the log are sent again bit by bit."""

from alembic import op

from chassis.migrations import close_partitions
from chassis.partition_functions import (
    add_passing_tables,
    drop_partition_functions,
    drop_passing_tables,
    fill_months,
    partition_functions,
)
from chassis.partitions import Grain

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

PARTITIONS: dict[str, Grain] = {
    "answer": "month",
    "assignment": "month",
    "inbox": "day",
    "outbox": "month",
    "queue_change": "month",
    "routed_appeal": "month",
}


def upgrade() -> None:
    for statement in (
        *add_passing_tables("routing"),
        *partition_functions("routing", PARTITIONS),
        *fill_months("routing", PARTITIONS),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *close_partitions("routing", PARTITIONS),
        *drop_partition_functions("routing"),
        *drop_passing_tables("routing"),
    ):
        op.execute(statement)
