"""A municipal centre reads why more days are asked for, and what it decides moves all timers of what lies in its municipalities."""

from alembic import op

from chassis.isolation import CLOSED, OWN, close_table, lies_in_own

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

WITHIN = "sla.lies_within(region, appeal_id)"
# The requests that it sees: their own policy stands before this one.
_OF_ITS_REQUESTS = """
EXISTS (SELECT FROM sla.extension e
    WHERE e.region = extension_reason.region AND e.extension_id = extension_reason.extension_id)
"""


def upgrade() -> None:
    for statement in (
        *close_table("sla.timer", OWN, WITHIN),
        *close_table("sla.extension_reason", CLOSED, _OF_ITS_REQUESTS),
    ):
        op.execute(statement)


def downgrade() -> None:
    for statement in (
        *close_table("sla.timer", OWN, lies_in_own("municipality")),
        *close_table("sla.extension_reason", CLOSED),
    ):
        op.execute(statement)
