"""Management decisions and who changed them, which facts know nothing of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import CLOSED, close_table, lies_in_own

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_NOW = sa.text("now()")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "decision",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("problem_id", sa.Uuid()),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text()),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.Column("started_on", sa.Date()),
        sa.Column("state", sa.Text(), server_default=sa.text("'planned'"), nullable=False),
        sa.Column("topic", sa.Text()),
        sa.Column("topic_group", sa.Text()),
        sa.Column("municipality", sa.Text()),
        sa.Column("organisation_id", sa.Uuid()),
        sa.Column("metric", sa.Text(), server_default=sa.text("'received'"), nullable=False),
        sa.Column("worked", sa.Boolean()),
        sa.Column("gain", sa.Float()),
        sa.Column("judged", postgresql.JSONB()),
        sa.Column("effect_reason", sa.Text()),
        sa.Column("judged_to", sa.Date()),
        sa.Column("computed_at", _MOMENT),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("created_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("decision_pk")),
        schema="analytics",
    )
    op.create_index(
        op.f("decision_region_problem_id_ix"), "decision", ["region", "problem_id"], schema="analytics"
    )
    op.create_index(
        "decision_worked_ix",
        "decision",
        ["region", "gain", "id"],
        schema="analytics",
        postgresql_where=sa.text("worked"),
    )
    op.create_index(
        "decision_started_ix",
        "decision",
        ["started_on"],
        schema="analytics",
        postgresql_where=sa.text("state IN ('running', 'done')"),
    )
    op.create_table(
        "decision_change",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("municipality", sa.Text()),
        sa.Column("changed", postgresql.JSONB(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Uuid()),
        sa.Column("changed_at", _MOMENT, server_default=_NOW, nullable=False),
        sa.PrimaryKeyConstraint("region", "decision_id", "version", name=op.f("decision_change_pk")),
        schema="analytics",
    )
    # An organisation sees none; a municipal centre those of its municipalities.
    for table in ("decision", "decision_change"):
        for statement in close_table(f"analytics.{table}", CLOSED, lies_in_own("municipality")):
            op.execute(statement)


def downgrade() -> None:
    for table in ("decision_change", "decision"):
        op.drop_table(table, schema="analytics")
