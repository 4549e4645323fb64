"""What further measures count: working time, the citizen's three words, the due day of the first answer, an appeal's end."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_MOMENT = sa.DateTime(timezone=True)
_WORDS = ("solved_count", "satisfied_count", "reached_count", "reached_known")
COLUMNS: dict[str, dict[str, sa.types.TypeEngine]] = {
    "fact_appeal": {
        "received_work": sa.BigInteger(),
        "first_reaction_work": sa.BigInteger(),
        "answered_work": sa.BigInteger(),
        "ended_at": _MOMENT,
        "due_on": sa.Date(),
        "due_at": _MOMENT,
    },
    "fact_assignment": {
        "received_work": sa.BigInteger(),
        "first_reaction_work": sa.BigInteger(),
        "first_due_at": _MOMENT,
        "first_due_on": sa.Date(),
        "answered_work": sa.BigInteger(),
    },
    "fact_answer": {"answered_work": sa.BigInteger(), "reached": sa.Boolean(), "satisfied": sa.Boolean()},
}


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True), schema="analytics")
    for table in ("fact_appeal", "fact_assignment"):
        for name in _WORDS:
            op.add_column(
                table, sa.Column(name, sa.Integer(), server_default="0", nullable=False), schema="analytics"
            )
    op.add_column("reference", sa.Column("population", sa.Integer(), nullable=True), schema="analytics")
    op.add_column(
        "fact_appeal",
        sa.Column("due_kept", sa.Boolean(), server_default="false", nullable=False),
        schema="analytics",
    )
    op.create_index(
        op.f("fact_appeal_region_due_on_ix"), "fact_appeal", ["region", "due_on"], schema="analytics"
    )


def downgrade() -> None:
    op.drop_index(op.f("fact_appeal_region_due_on_ix"), "fact_appeal", schema="analytics")
    op.drop_column("fact_appeal", "due_kept", schema="analytics")
    op.drop_column("reference", "population", schema="analytics")
    for table in ("fact_appeal", "fact_assignment"):
        for name in _WORDS:
            op.drop_column(table, name, schema="analytics")
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name, schema="analytics")
