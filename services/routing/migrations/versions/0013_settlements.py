"""Towns, villages and their streets; like municipalities they are everybody's to read within the region."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import SHARED, close_table

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "settlement",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("oktmo", sa.Text(), nullable=True),
        sa.Column("formation", sa.Text(), server_default="", nullable=False),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("aliases", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("namesakes", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("region", "code", name=op.f("settlement_pk")),
        schema="routing",
    )
    op.create_table(
        "street",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("region", "settlement", "name", name=op.f("street_pk")),
        schema="routing",
    )
    for table in ("routing.settlement", "routing.street"):
        for statement in close_table(table, SHARED, SHARED):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("street", schema="routing")
    op.drop_table("settlement", schema="routing")
