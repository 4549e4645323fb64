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
        schema="intake",
    )
    # A key that was proven stays so: only the owner may forget one.
    op.execute("REVOKE UPDATE, DELETE, TRUNCATE ON intake.key_check FROM intake")
    # An appeal whose original cannot be opened waits apart, and is shown with its age and its attempts.
    op.add_column(
        "masking_pending",
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        schema="intake",
    )
    op.add_column("masking_pending", sa.Column("set_aside_at", sa.DateTime(timezone=True)), schema="intake")


def downgrade() -> None:
    op.drop_column("masking_pending", "set_aside_at", schema="intake")
    op.drop_column("masking_pending", "attempts", schema="intake")
    op.drop_table("key_check", schema="intake")
