"""Rows are closed until a transaction says whose it is about, in partitions too; nobody changes the event log."""

from alembic import op

from chassis.isolation import CLOSED, OWN, holding_function, isolate, open_again, rows_within
from chassis.migrations import close_partitions
from chassis.partitions import Grain

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

HELD = "intake.holds(region, appeal_id)"
# Nothing can be found by an index of words behind row security: the condition might tell of rows it hides. The view reads
# as its owner, to whom this table's rows are open, and has the same condition in sight of the planner.
SEARCHABLE_TEXT = f"""
CREATE VIEW intake.searchable_text AS
SELECT region, appeal_id, text, address FROM intake.appeal_text WHERE {rows_within(HELD)}
"""
# What an organisation sees of a table whose region it may see (its partitions are reached through it only).
TABLES = {
    "appeal": "intake.holds(region, id)",
    "appeal_text": HELD,
    "original": HELD,
    "register": HELD,
    "appeal_history": HELD,
    "clarification": HELD,
    "original_access": HELD,
    "appeal_holder": OWN,
    "counter": CLOSED,
    "submission_key": CLOSED,
    "masking_pending": CLOSED,
    "appeal_change": CLOSED,
    "rating": CLOSED,
    "region_setting": CLOSED,
}
PARTITIONS: dict[str, Grain] = {
    "appeal": "month",
    "appeal_change": "month",
    "appeal_history": "month",
    "appeal_holder": "month",
    "appeal_text": "month",
    "inbox": "day",
    "original": "month",
    "outbox": "month",
}


def upgrade() -> None:
    op.execute(holding_function("intake", "appeal_holder", "h.active"))
    for statement in (*isolate("intake", TABLES), *close_partitions("intake", PARTITIONS)):
        op.execute(statement)
    op.execute("CREATE POLICY searched ON intake.appeal_text FOR SELECT TO current_user USING (true)")
    op.execute(SEARCHABLE_TEXT)
    op.execute("REVOKE INSERT, UPDATE, DELETE ON intake.searchable_text FROM intake")


def downgrade() -> None:
    op.execute("DROP VIEW intake.searchable_text")
    op.execute("DROP POLICY searched ON intake.appeal_text")
    for statement in open_again("intake", TABLES):
        op.execute(statement)
    op.execute("DROP FUNCTION intake.holds(text, uuid)")
