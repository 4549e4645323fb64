"""A municipal centre sees what lies in its municipalities."""

from alembic import op

from chassis.isolation import (
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

BY_ASSIGNMENT = "routing.lies_within(region, assignment_id)"
# What an organisation, and a municipal centre, sees of a table whose region it may see.
TABLES = {
    "reference_version": (SHARED, SHARED),
    "topic_group": (SHARED, SHARED),
    "topic": (SHARED, SHARED),
    "organisation": (SHARED, SHARED),
    "municipality": (SHARED, SHARED),
    "rule": (SHARED, SHARED),
    "setting": (SHARED, SHARED),
    "assignment": (OWN, lies_in_own("municipality")),
    "answer": (OWN, BY_ASSIGNMENT),
    "document_request": (OWN, BY_ASSIGNMENT),
    "queue_change": (OWN, BY_ASSIGNMENT),
}


def upgrade() -> None:
    lying = lying_function("routing", "assignment", "id", "municipality")
    for statement in admit_municipal_centres("routing", lying, TABLES):
        op.execute(statement)


def downgrade() -> None:
    for statement in shut_municipal_centres_out("routing", TABLES):
        op.execute(statement)
