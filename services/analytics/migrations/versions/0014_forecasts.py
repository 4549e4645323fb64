"""What days to come are expected to bring."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import CLOSED, SHARED, close_table, lies_in_own

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "forecast",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("level", "topic", "municipality")),
        *(
            sa.Column(name, postgresql.ARRAY(sa.REAL()), nullable=False)
            for name in ("predicted", "low", "high", "usual")
        ),
        sa.PrimaryKeyConstraint(
            "region", "made_on", "level", "topic", "municipality", name=op.f("forecast_pk")
        ),
        schema="analytics",
    )
    op.create_index(
        op.f("forecast_region_level_made_on_ix"),
        "forecast",
        ["region", "level", "made_on"],
        schema="analytics",
    )
    op.create_table(
        "forecast_accuracy",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.Float(), nullable=False)
            for name in ("scaled_error", "naive_scaled_error", "median_scaled_error", "coverage_90")
        ),
        sa.Column("came_days", sa.Integer(), nullable=False),
        sa.Column("came_coverage_90", sa.Float()),
        sa.Column("came_scaled_error", sa.Float()),
        sa.PrimaryKeyConstraint("region", name=op.f("forecast_accuracy_pk")),
        schema="analytics",
    )
    for table, municipality in (("forecast", lies_in_own("municipality")), ("forecast_accuracy", SHARED)):
        for statement in close_table(f"analytics.{table}", CLOSED, municipality):
            op.execute(statement)


def downgrade() -> None:
    for table in ("forecast_accuracy", "forecast"):
        op.drop_table(table, schema="analytics")
