"""What all gateways share: which tokens are void, and what callers have used of their limits."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column(
        "client",
        sa.Column("token_generation", sa.Integer, nullable=False, server_default=sa.text("0")),
        schema="gateway",
    )
    op.add_column("client", sa.Column("tokens_void_at", INSTANT), schema="gateway")
    op.create_index("client_tokens_void_at_ix", "client", ["tokens_void_at"], schema="gateway")
    op.execute(
        "UPDATE gateway.client SET token_generation = 1, tokens_void_at = revoked_at WHERE revoked_at IS NOT NULL"
    )
    # Whoever changes what a client may do, by whatever way: tokens that say otherwise are void.
    op.execute(
        """
CREATE FUNCTION gateway.void_tokens() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
BEGIN
    NEW.token_generation := OLD.token_generation + 1;
    NEW.tokens_void_at := now();
    RETURN NEW;
END $body$
"""
    )
    op.execute(
        """
CREATE TRIGGER void_tokens BEFORE UPDATE ON gateway.client FOR EACH ROW
WHEN ((OLD.role, OLD.regions, OLD.organisation_id, OLD.revoked_at)
    IS DISTINCT FROM (NEW.role, NEW.regions, NEW.organisation_id, NEW.revoked_at))
EXECUTE FUNCTION gateway.void_tokens()
"""
    )
    op.create_table(
        "used_limit",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("busy_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="used_limit_pk"),
        schema="gateway",
        prefixes=["UNLOGGED"],
    )


def downgrade() -> None:
    op.drop_table("used_limit", schema="gateway")
    op.execute("DROP TRIGGER void_tokens ON gateway.client")
    op.execute("DROP FUNCTION gateway.void_tokens()")
    op.drop_index("client_tokens_void_at_ix", "client", schema="gateway")
    op.drop_column("client", "tokens_void_at", schema="gateway")
    op.drop_column("client", "token_generation", schema="gateway")
