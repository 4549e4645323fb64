"""The register of problems, which facts know nothing of."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import CLOSED, close_table, lies_in_own

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "problem",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text()),
        sa.Column("municipality", sa.Text()),
        sa.Column("lat", sa.Float()),
        sa.Column("lon", sa.Float()),
        sa.Column("radius_m", sa.Integer()),
        sa.Column("organisation_id", sa.Uuid()),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("detected_on", sa.Date(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("observed", sa.Float(), nullable=False),
        sa.Column("expected", sa.Float(), nullable=False),
        sa.Column("p_value", sa.Float(), nullable=False),
        sa.Column("q_value", sa.Float(), nullable=False),
        sa.Column("strength", sa.Float(), nullable=False),
        sa.Column("state", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("evidence_count", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("follows", sa.Uuid()),
        sa.Column("merged_into", sa.Uuid()),
        sa.Column("baseline_from", sa.Date()),
        sa.Column("baseline", postgresql.ARRAY(sa.Float()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("is_quiet", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("problem_pk")),
        schema="analytics",
    )
    op.create_index(
        op.f("problem_region_detected_on_id_ix"),
        "problem",
        ["region", "detected_on", "id"],
        schema="analytics",
    )
    op.create_index(op.f("problem_region_last_on_ix"), "problem", ["region", "last_on"], schema="analytics")
    op.create_table(
        "problem_change",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("problem_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("municipality", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("merged_into", sa.Uuid()),
        sa.Column("client_id", sa.Text()),
        sa.Column("person", sa.Uuid()),
        sa.Column("changed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", "problem_id", "version", name=op.f("problem_change_pk")),
        schema="analytics",
    )
    op.create_table(
        "problem_run",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("analysed_to", sa.Date()),
        sa.Column("counted", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("seconds", sa.Float(), server_default=sa.text("0"), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", name=op.f("problem_run_pk")),
        schema="analytics",
    )
    # An organisation sees none; a municipal centre those of its municipalities.
    own = lies_in_own("municipality")
    for table, municipality in (("problem", own), ("problem_change", own), ("problem_run", CLOSED)):
        for statement in close_table(f"analytics.{table}", CLOSED, municipality):
            op.execute(statement)


def downgrade() -> None:
    for table in ("problem_run", "problem_change", "problem"):
        op.drop_table(table, schema="analytics")
