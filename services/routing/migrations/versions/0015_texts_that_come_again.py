"""Texts that come again are known by the hash of their masked normal form."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("routed_appeal", sa.Column("text_hash", sa.LargeBinary(), nullable=True), schema="routing")
    op.create_index(
        "routed_appeal_text_ix",
        "routed_appeal",
        ["region", "text_hash", "appeal_id"],
        schema="routing",
        postgresql_where=sa.text("text_hash IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("routed_appeal_text_ix", table_name="routed_appeal", schema="routing")
    op.drop_column("routed_appeal", "text_hash", schema="routing")
