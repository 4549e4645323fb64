"""Widgets that our own pages offer to citizens."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "widget",
        sa.Column("listed", sa.Boolean(), nullable=False, server_default=sa.text("false")),
        schema="intake",
    )
    op.create_index(
        "widget_listed_ix",
        "widget",
        ["region", "id"],
        schema="intake",
        postgresql_where=sa.text("listed AND active"),
    )


def downgrade() -> None:
    op.drop_index("widget_listed_ix", table_name="widget", schema="intake")
    op.drop_column("widget", "listed", schema="intake")
