"""Webhooks of portals."""

from alembic import op

from chassis.webhooks.tables import webhook_statements

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in webhook_statements("intake"):
        op.execute(statement)


def downgrade() -> None:
    for table in ("webhook_delivery", "webhook"):
        op.drop_table(table, schema="intake")
