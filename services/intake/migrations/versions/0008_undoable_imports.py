"""Imports are known as a whole, so that they can be taken back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import CLOSED, close_table

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_import",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default="taken_over", nullable=False),
        sa.Column("removed", sa.Integer(), server_default="0", nullable=False),
        sa.Column("kept", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worked_on", sa.Integer(), server_default="0", nullable=False),
        sa.Column("worked_on_numbers", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("past_import_pk")),
        schema="intake",
    )
    op.create_index(op.f("past_import_id_ix"), "past_import", ["id"], schema="intake")
    op.create_table(
        "imported_case",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("import_id", "region", "appeal_id", name=op.f("imported_case_pk")),
        schema="intake",
    )
    op.create_table(
        "removed_appeal",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("region", "appeal_id", name=op.f("removed_appeal_pk")),
        schema="intake",
    )
    for table in ("past_import", "imported_case", "removed_appeal"):
        for statement in close_table(f"intake.{table}", CLOSED):
            op.execute(statement)


def downgrade() -> None:
    op.drop_table("removed_appeal", schema="intake")
    op.drop_table("imported_case", schema="intake")
    op.drop_table("past_import", schema="intake")
