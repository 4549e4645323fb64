"""Webhooks of organisations; entries of the queue's feed have the version their assignment had then."""

import sqlalchemy as sa
from alembic import op

from chassis.webhooks.tables import webhook_statements

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("queue_change", sa.Column("version", sa.Integer()), schema="routing")
    for statement in webhook_statements("routing"):
        op.execute(statement)


def downgrade() -> None:
    for table in ("webhook_delivery", "webhook"):
        op.drop_table(table, schema="routing")
    op.drop_column("queue_change", "version", schema="routing")
