"""A municipal centre sees the appeals that lie in its municipalities, as they were sent or as routing placed them."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import (
    CLOSED,
    OWN,
    admit_municipal_centres,
    lies_in_own,
    lying_function,
    rows_within,
    shut_municipal_centres_out,
)

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

HELD = "intake.holds(region, appeal_id)"
WITHIN = "intake.lies_within(region, appeal_id)"
# What an organisation, and a municipal centre, sees of a table whose region it may see.
TABLES = {
    "appeal": ("intake.holds(region, id)", lies_in_own("municipality", "routed_municipality")),
    "appeal_text": (HELD, WITHIN),
    "original": (HELD, WITHIN),
    "register": (HELD, WITHIN),
    "appeal_history": (HELD, WITHIN),
    "clarification": (HELD, WITHIN),
    "original_access": (HELD, WITHIN),
    "appeal_holder": (OWN, WITHIN),
    "appeal_change": (CLOSED, WITHIN),
    "rating": (CLOSED, WITHIN),
}


def searchable_text(municipality: str) -> str:
    """See 0005: the same condition as the table's, in sight of the planner."""
    return (
        "CREATE OR REPLACE VIEW intake.searchable_text AS SELECT region, appeal_id, text, address, normal "
        f"FROM intake.appeal_text WHERE {rows_within(HELD, municipality)}"
    )


def upgrade() -> None:
    op.add_column("appeal", sa.Column("routed_municipality", sa.Text()), schema="intake")
    lying = lying_function("intake", "appeal", "id", "municipality", "routed_municipality")
    for statement in admit_municipal_centres("intake", lying, TABLES):
        op.execute(statement)
    op.execute(searchable_text(WITHIN))


def downgrade() -> None:
    op.execute(searchable_text(CLOSED))
    for statement in shut_municipal_centres_out("intake", TABLES):
        op.execute(statement)
    op.drop_column("appeal", "routed_municipality", schema="intake")
