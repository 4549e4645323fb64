"""Appeals have flags, some of which hold them for a moderator; the same text coming again is noticed; citizens object."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import CLOSED, close_table

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FLAGS = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    op.add_column("appeal", sa.Column("flags", FLAGS), schema="intake")
    op.add_column("appeal", sa.Column("held", sa.Boolean()), schema="intake")
    op.add_column(
        "region_setting",
        sa.Column("holding_flags", FLAGS, nullable=False, server_default=sa.text("'{}'")),
        schema="intake",
    )
    op.create_table(
        "text_repeat",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("text_hash", sa.LargeBinary(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("region", "text_hash", "appeal_id", name=op.f("text_repeat_pk")),
        schema="intake",
    )
    op.create_table(
        "objection",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key_id", sa.SmallInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("masked", sa.Text(), nullable=False),
        sa.Column("objected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("region", "appeal_id", "id", name=op.f("objection_pk")),
        schema="intake",
    )
    op.create_index(
        "objection_waiting_ix",
        "objection",
        ["region", "id"],
        schema="intake",
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    for table in ("text_repeat", "objection"):
        for statement in close_table(f"intake.{table}", CLOSED):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("objection", schema="intake")
    op.drop_table("text_repeat", schema="intake")
    op.drop_column("region_setting", "holding_flags", schema="intake")
    op.drop_column("appeal", "held", schema="intake")
    op.drop_column("appeal", "flags", schema="intake")
