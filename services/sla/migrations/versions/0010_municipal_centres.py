"""A municipal centre sees the deadlines of what lies in its municipalities."""

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

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

HELD = "sla.holds(region, appeal_id)"
WITHIN = "sla.lies_within(region, appeal_id)"
# What an organisation, and a municipal centre, sees of a table whose region it may see. Every clock has a timer, and this
# knows where the appeal lies.
TABLES = {
    "appeal": (HELD, WITHIN),
    "journal": (CLOSED, WITHIN),
    "clock": (OWN, WITHIN),
    "timer": (OWN, lies_in_own("municipality")),
    "firing": (OWN, WITHIN),
    "extension": (OWN, WITHIN),
    "policy": (SHARED, SHARED),
    "calendar": (SHARED, SHARED),
    "office_hours": (SHARED, SHARED),
    "escalation_level": (SHARED, SHARED),
    "setting": (SHARED, SHARED),
    "region_version": (SHARED, SHARED),
}


def upgrade() -> None:
    lying = lying_function("sla", "timer", "appeal_id", "municipality")
    for statement in admit_municipal_centres("sla", lying, TABLES):
        op.execute(statement)


def downgrade() -> None:
    for statement in shut_municipal_centres_out("sla", TABLES):
        op.execute(statement)
