"""A municipal centre's figures are those of its municipalities."""

from alembic import op

from chassis.isolation import (
    CLOSED,
    OWN,
    SHARED,
    close_table,
    close_to_municipalities,
    lies_in_own,
    lying_function,
)

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

HELD = f"({OWN} OR analytics.holds(region, appeal_id))"
WITHIN = "analytics.lies_within(region, appeal_id)"
# What an organisation, and a municipal centre, sees of a table whose region it may see.
TABLES = {
    "fact_appeal": (HELD, lies_in_own("municipality", "routed_municipality")),
    "fact_assignment": (OWN, lies_in_own("municipality")),
    "fact_answer": (CLOSED, WITHIN),
    "fact_breach": (CLOSED, WITHIN),
    "reference": (SHARED, SHARED),
}


def upgrade() -> None:
    op.execute(lying_function("analytics", "fact_assignment", "appeal_id", "municipality"))
    for statement in close_to_municipalities("analytics", TABLES):
        op.execute(statement)


def downgrade() -> None:
    for table, (organisation, _) in TABLES.items():
        for statement in close_table(f"analytics.{table}", organisation, CLOSED):
            op.execute(statement)
    op.execute("DROP FUNCTION analytics.lies_within(text, uuid)")
