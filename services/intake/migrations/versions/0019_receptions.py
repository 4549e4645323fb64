"""Receptions and live sessions; appeals that were entered by hand have a legal day of receipt, and may name one."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import CLOSED, close_table, lies_in_own

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reception",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("official", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("reception_pk")),
        schema="intake",
    )
    op.create_index(
        op.f("reception_region_held_on_id_ix"), "reception", ["region", "held_on", "id"], schema="intake"
    )
    for statement in close_table("intake.reception", CLOSED, lies_in_own("municipality")):
        op.execute(statement)
    op.add_column("appeal", sa.Column("received_on", sa.Date()), schema="intake")
    op.add_column("appeal", sa.Column("reception_id", sa.Uuid()), schema="intake")
    op.create_index(
        "appeal_reception_ix",
        "appeal",
        ["region", "reception_id", "id"],
        schema="intake",
        postgresql_where=sa.text("reception_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("appeal_reception_ix", "appeal", schema="intake")
    op.drop_column("appeal", "reception_id", schema="intake")
    op.drop_column("appeal", "received_on", schema="intake")
    op.drop_table("reception", schema="intake")
