"""Where an appeal lies stands with the appeal: a municipal centre sees also what never had a timer. Requests for more days end
with the clocks that they are of."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import close_table, lies_in_own, lying_function

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

HELD = "sla.holds(region, appeal_id)"
WITHIN = "sla.lies_within(region, appeal_id)"
_FROM_TIMERS = """
UPDATE sla.appeal a SET municipality = t.municipality
FROM (
    SELECT region, appeal_id, min(municipality) AS municipality FROM sla.timer
    WHERE municipality IS NOT NULL GROUP BY region, appeal_id
) AS t
WHERE a.region = t.region AND a.appeal_id = t.appeal_id
"""
_WITHOUT_CLOCK = """
UPDATE sla.extension e SET ended_at = now()
WHERE decision IS NULL AND NOT EXISTS (
    SELECT FROM sla.clock c
    WHERE c.region = e.region AND c.appeal_id = e.appeal_id AND c.clock = 'answer' AND c.ended_at IS NULL
)
"""


def upgrade() -> None:
    op.execute("ALTER TABLE sla.appeal ADD COLUMN municipality text")
    op.execute("SELECT set_config('app.scope', 'service', true)")
    op.execute(_FROM_TIMERS)
    op.execute("ALTER TABLE sla.extension ADD COLUMN ended_at timestamptz")
    op.execute(_WITHOUT_CLOCK)
    _index_pending("decision IS NULL AND ended_at IS NULL")
    op.execute(_replaced(lying_function("sla", "appeal", "appeal_id", "municipality")))
    for statement in close_table("sla.appeal", HELD, lies_in_own("municipality")):
        op.execute(statement)


def downgrade() -> None:
    _index_pending("decision IS NULL")
    op.execute("ALTER TABLE sla.extension DROP COLUMN ended_at")
    op.execute(_replaced(lying_function("sla", "timer", "appeal_id", "municipality")))
    for statement in close_table("sla.appeal", HELD, WITHIN):
        op.execute(statement)
    op.execute("ALTER TABLE sla.appeal DROP COLUMN municipality")


def _index_pending(condition: str) -> None:
    op.drop_index("extension_pending_ix", "extension", schema="sla")
    columns = ["region", "requested_at", "extension_id"]
    op.create_index(
        "extension_pending_ix", "extension", columns, schema="sla", postgresql_where=sa.text(condition)
    )


def _replaced(function: str) -> str:
    return function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)
