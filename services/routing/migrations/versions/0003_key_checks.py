"""Which keys the data were made with: compared by every process before it serves."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_check",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key_id", sa.Integer, nullable=False),
        sa.Column("check_value", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("name", "key_id", name="key_check_pk"),
        schema="routing",
    )
    # A key that was proven stays so: only the owner may forget one.
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON routing.key_check FROM routing")


def downgrade() -> None:
    op.drop_table("key_check", schema="routing")
