"""Tables and columns are called what the field calls them; rows, rights and row security stay as they are."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TABLES = {"redating": "recalculation", "catalogue": "region_version", "ladder": "escalation_level"}
# (table, as it is called now), column → name
COLUMNS = {
    ("recalculation", "redating_id"): "recalculation_id",
    ("escalation_level", "rung"): "data",
    ("firing", "whom"): "recipient",
}


def upgrade() -> None:
    for old, new in TABLES.items():
        op.execute(f"ALTER TABLE sla.{old} RENAME TO {new}")
        op.execute(f"ALTER TABLE sla.{new} RENAME CONSTRAINT {old}_pk TO {new}_pk")
    for (table, old), new in COLUMNS.items():
        op.execute(f"ALTER TABLE sla.{table} RENAME COLUMN {old} TO {new}")


def downgrade() -> None:
    for (table, old), new in COLUMNS.items():
        op.execute(f"ALTER TABLE sla.{table} RENAME COLUMN {new} TO {old}")
    for old, new in TABLES.items():
        op.execute(f"ALTER TABLE sla.{new} RENAME CONSTRAINT {new}_pk TO {old}_pk")
        op.execute(f"ALTER TABLE sla.{new} RENAME TO {old}")
