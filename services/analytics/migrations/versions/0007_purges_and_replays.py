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

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

PARTITIONS: dict[str, Grain] = {
    "outbox": "month",
    "inbox": "day",
    "fact_appeal": "month",
    "fact_assignment": "month",
    "fact_answer": "month",
    "fact_breach": "month",
}

CLEAR_PROJECTIONS = """
CREATE FUNCTION analytics.clear_projections() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $body$
    TRUNCATE analytics.inbox, analytics.fact_appeal, analytics.fact_assignment, analytics.fact_answer,
        analytics.fact_breach, analytics.reference, analytics.progress
$body$
"""


def upgrade() -> None:
    for statement in (
        *add_passing_tables("analytics"),
        *partition_functions("analytics", PARTITIONS),
        *fill_months("analytics", PARTITIONS),
    ):
        op.execute(statement)
    op.execute("DROP FUNCTION analytics.clear_projections()")


def downgrade() -> None:
    op.execute(CLEAR_PROJECTIONS)
    for statement in (
        *close_partitions("analytics", PARTITIONS),
        *drop_partition_functions("analytics"),
        *drop_passing_tables("analytics"),
    ):
        op.execute(statement)
