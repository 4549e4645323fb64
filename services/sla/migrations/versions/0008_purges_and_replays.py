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

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PARTITIONS: dict[str, Grain] = {
    "outbox": "month",
    "inbox": "day",
    "appeal": "month",
    "journal": "month",
    "clock": "month",
    "firing": "month",
}


def upgrade() -> None:
    for statement in (
        *add_passing_tables("sla"),
        *partition_functions("sla", PARTITIONS),
        *fill_months("sla", PARTITIONS),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *close_partitions("sla", PARTITIONS),
        *drop_partition_functions("sla"),
        *drop_passing_tables("sla"),
    ):
        op.execute(statement)
