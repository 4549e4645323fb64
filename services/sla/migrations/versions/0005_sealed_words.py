"""What coordinators wrote is kept sealed; rows in clear are sealed by the service, which has the key."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import CLOSED, close_table
from chassis.sealed_columns import sealing_statements, unsealing_statements

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in sealing_statements("sla", "extension", "extension_id"):
        op.execute(statement)
    op.create_table(
        "extension_reason",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("extension_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("region", "extension_id", name=op.f("extension_reason_pk")),
        schema="sla",
    )
    for statement in close_table("sla.extension_reason", CLOSED):
        op.execute(statement)
    # Clocks say that a coordinator decided; what the coordinator wrote is in the appeal's history, masked.
    op.execute("UPDATE sla.journal SET data = data - 'reason' WHERE kind = 'ExtensionDecided'")
    op.execute(
        "INSERT INTO sla.redating (redating_id, region, cause, everything, appeal_id) "
        "SELECT gen_random_uuid(), region, 'rebuild', true, '00000000-0000-0000-0000-000000000000' "
        "FROM (SELECT DISTINCT region FROM sla.extension WHERE decision = 'approve') AS extended"
    )
    # Answers to requests of the last week, in clear; who repeats such a request meets its version or status instead.
    op.execute("DELETE FROM sla.idempotency_key")


def downgrade() -> None:
    for statement in unsealing_statements("sla", "extension"):
        op.execute(statement)
    op.drop_table("extension_reason", schema="sla")
