"""Cells of points that can't lie in their appeal's region go from the map; a rebuild would not make them either."""

import json

import sqlalchemy as sa
from alembic import op

from contracts.extents import judge_point
from services.analytics.maps.rules import centre_of

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    found = op.get_bind().execute(
        sa.text("SELECT DISTINCT region, cell FROM analytics.fact_appeal WHERE cell IS NOT NULL")
    )
    wrong = [
        {"region": region, "cell": cell}
        for region, cell in found
        if judge_point(region, *centre_of(cell)) is not None
    ]
    op.get_bind().execute(
        sa.text(
            "UPDATE analytics.fact_appeal a SET cell = NULL "
            "FROM json_to_recordset(CAST(:wrong AS json)) AS w(region text, cell bigint) "
            "WHERE a.region = w.region AND a.cell = w.cell"
        ),
        {"wrong": json.dumps(wrong)},
    )


def downgrade() -> None:
    pass
