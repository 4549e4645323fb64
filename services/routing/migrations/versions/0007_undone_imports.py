"""Past cases know with what they came, so that an import can be taken back."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import CLOSED, close_table

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("routed_appeal", sa.Column("import_id", sa.Uuid(), nullable=True), schema="routing")
    op.add_column(
        "routed_appeal", sa.Column("born_version", sa.SmallInteger(), nullable=True), schema="routing"
    )
    op.create_index(
        "routed_appeal_import_ix",
        "routed_appeal",
        ["region", "import_id", "appeal_id"],
        schema="routing",
        postgresql_where=sa.text("import_id IS NOT NULL"),
    )
    op.create_table(
        "undone_import",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("pending", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("region", "import_id", name=op.f("undone_import_pk")),
        schema="routing",
    )
    op.create_index(
        "undone_import_pending_ix",
        "undone_import",
        ["region", "import_id"],
        schema="routing",
        postgresql_where=sa.text("pending"),
    )
    for statement in close_table("routing.undone_import", CLOSED):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("undone_import", schema="routing")
    op.drop_index("routed_appeal_import_ix", table_name="routed_appeal", schema="routing")
    op.drop_column("routed_appeal", "born_version", schema="routing")
    op.drop_column("routed_appeal", "import_id", schema="routing")
