"""Clients, signing keys, idempotency keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrations import partition_everything

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "client",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("regions", postgresql.ARRAY(sa.Text), nullable=False),
        sa.Column("organisation_id", sa.Uuid),
        sa.Column("requests_per_minute", sa.Integer, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary),
        sa.Column("previous_until", INSTANT),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.text("now()")),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("revoked_at", INSTANT),
        sa.Column("revoked_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="client_pk"),
        schema="gateway",
    )
    op.create_table(
        "signing_key",
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("private_key", sa.LargeBinary, nullable=False),
        sa.Column("public_jwk", postgresql.JSONB, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.text("now()")),
        sa.Column("signs_from", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="signing_key_pk"),
        schema="gateway",
    )
    op.create_table(
        "idempotency_key",
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("key_hash", sa.LargeBinary, nullable=False),
        sa.Column("body_hash", sa.LargeBinary, nullable=False),
        sa.Column("status", sa.SmallInteger),
        sa.Column("response", postgresql.JSONB),
        sa.Column("created_at", INSTANT, nullable=False, server_default=sa.text("now()")),
        sa.PrimaryKeyConstraint("client_id", "key_hash", name="idempotency_key_pk"),
        schema="gateway",
    )
    op.create_index("idempotency_key_created_at_ix", "idempotency_key", ["created_at"], schema="gateway")
    partition_everything("gateway", {}, op.execute)


def downgrade() -> None:
    for table in ("idempotency_key", "signing_key", "client"):
        op.drop_table(table, schema="gateway")
