"""A municipal centre's figures are those of its municipalities."""

from alembic import op

from chassis.isolation import (
    CLOSED,
    OWN,
    SHARED,
    admit_municipal_centres,
    lies_in_own,
    lying_function,
    shut_municipal_centres_out,
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
    lying = lying_function("analytics", "fact_assignment", "appeal_id", "municipality")
    for statement in admit_municipal_centres("analytics", lying, TABLES):
        op.execute(statement)


def downgrade() -> None:
    for statement in shut_municipal_centres_out("analytics", TABLES):
        op.execute(statement)
