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

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PARTITIONS: dict[str, Grain] = {
    "appeal": "month",
    "appeal_change": "month",
    "appeal_history": "month",
    "appeal_holder": "month",
    "appeal_text": "month",
    "inbox": "day",
    "original": "month",
    "outbox": "month",
}


def upgrade() -> None:
    for statement in (
        *add_passing_tables("intake"),
        *partition_functions("intake", PARTITIONS),
        *fill_months("intake", PARTITIONS),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *close_partitions("intake", PARTITIONS),
        *drop_partition_functions("intake"),
        *drop_passing_tables("intake"),
    ):
        op.execute(statement)
