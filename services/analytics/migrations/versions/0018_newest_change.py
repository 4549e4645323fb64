"""Whoever counts learns which change of the facts is the newest, and nothing else of the notes of changes."""

from alembic import op

from chassis.feeds import settled

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# The scope is widened for this one number. Null while a transaction may be on its way that began before the newest one seen:
# its rows would come without a newer note. What has been purged is settled, and counts where nothing came after it.
NEWEST_CHANGE = f"""
CREATE FUNCTION analytics.newest_change() RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog AS $body$
DECLARE
    scope text := coalesce(current_setting('app.scope', true), '');
    newest bigint;
BEGIN
    PERFORM set_config('app.scope', 'service', true);
    newest := coalesce(
        (SELECT xid FROM analytics.figure_change ORDER BY xid DESC, position DESC LIMIT 1),
        (SELECT max(xid) FROM analytics.figure_purge),
        0);
    PERFORM set_config('app.scope', scope, true);
    RETURN CASE WHEN newest < {settled("analytics")} THEN newest END;
END $body$
"""


def upgrade() -> None:
    op.execute(NEWEST_CHANGE)


def downgrade() -> None:
    op.execute("DROP FUNCTION analytics.newest_change()")
