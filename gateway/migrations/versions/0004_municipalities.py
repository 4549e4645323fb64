"""Clients that are limited to municipalities; changing these voids their tokens as any change of rights does."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

RIGHTS = ("role", "regions", "organisation_id", "revoked_at")


def upgrade() -> None:
    op.add_column(
        "client",
        sa.Column(
            "municipalities", postgresql.ARRAY(sa.Text), nullable=False, server_default=sa.text("'{}'")
        ),
        schema="gateway",
    )
    void_tokens_of(*RIGHTS, "municipalities")


def downgrade() -> None:
    void_tokens_of(*RIGHTS)
    op.drop_column("client", "municipalities", schema="gateway")


def void_tokens_of(*rights: str) -> None:
    """Make the trigger anew, so that it watches these columns."""
    before = ", ".join(f"OLD.{name}" for name in rights)
    after = ", ".join(f"NEW.{name}" for name in rights)
    op.execute("DROP TRIGGER void_tokens ON gateway.client")
    op.execute(
        f"CREATE TRIGGER void_tokens BEFORE UPDATE ON gateway.client FOR EACH ROW "
        f"WHEN (({before}) IS DISTINCT FROM ({after})) EXECUTE FUNCTION gateway.void_tokens()"
    )
