"""Deliveries that could not be read are found again without a look at all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "channel_delivery_unread_ix",
        "channel_delivery",
        ["connection_id", "event"],
        schema="intake",
        postgresql_where=sa.text("change = 'unread'"),
    )


def downgrade() -> None:
    op.drop_index("channel_delivery_unread_ix", table_name="channel_delivery", schema="intake")
