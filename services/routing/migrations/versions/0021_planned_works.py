"""Planned works, the notices that are due, and when a moderator let an appeal go on."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import CLOSED, SHARED, close_table, rows_within

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# What an organisation, and a municipal centre, sees: works are reference data, which decisions read as a whole.
TABLES = {"planned_work": (SHARED, SHARED), "due_notice": (CLOSED, CLOSED)}
# What is counted or noted by itself is no change of reference data.
STATED = (
    *("organisation_id", "title", "kind", "topics", "municipality", "settlement", "streets", "area"),
    *("starts_at", "ends_at", "notice", "ended"),
)
KEEP_CHANGE = (
    f"CREATE TRIGGER keep_change AFTER INSERT OR DELETE OR UPDATE OF {', '.join(STATED)} ON routing.planned_work "
    "FOR EACH ROW EXECUTE FUNCTION routing.keep_reference_change('work', 'id')"
)

# An organisation announces works: its changes are kept as everybody's are, though it reads none of them.
ADD_CHANGES = f"CREATE POLICY own_changes ON routing.reference_change FOR INSERT WITH CHECK ({rows_within(SHARED, SHARED)})"


def upgrade() -> None:
    _works()
    _notices()
    for table, (organisation, municipality) in TABLES.items():
        for statement in close_table(f"routing.{table}", organisation, municipality):
            op.execute(statement)
    op.execute(KEEP_CHANGE)
    op.execute(ADD_CHANGES)
    op.execute("ALTER TABLE routing.routed_appeal ADD COLUMN admitted_at timestamptz")


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _id(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=False)


def _at(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _as_json(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=nullable)


def _flag(name: str, default: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text(default), nullable=False)


def _works() -> None:
    op.create_table(
        "planned_work",
        _text("region"),
        _id("id"),
        _id("organisation_id"),
        _text("title"),
        _text("kind"),
        _as_json("topics"),
        _text("municipality", nullable=True),
        _text("settlement", nullable=True),
        _as_json("streets"),
        _as_json("area", nullable=True),
        _at("starts_at"),
        _at("ends_at"),
        _text("notice"),
        _id("incident_id"),
        _text("client_id"),
        sa.Column("answered", sa.Integer(), server_default=sa.text("0"), nullable=False),
        _flag("ended", "false"),
        _flag("gathering", "true"),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("planned_work_pk")),
        schema="routing",
    )
    op.create_index("planned_work_end_ix", "planned_work", ["region", "ends_at", "id"], schema="routing")
    op.create_index(
        "planned_work_own_ix",
        "planned_work",
        ["region", "organisation_id", "ends_at", "id"],
        schema="routing",
    )
    op.create_index(
        "planned_work_gathering_ix",
        "planned_work",
        ["region", "ends_at"],
        schema="routing",
        postgresql_where=sa.text("gathering"),
    )


def _notices() -> None:
    op.create_table(
        "due_notice",
        _text("region"),
        _id("assignment_id"),
        _id("appeal_id"),
        _id("work_id"),
        _at("received_at"),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("region", "assignment_id", name=op.f("due_notice_pk")),
        schema="routing",
    )
    op.create_index(
        "due_notice_due_ix",
        "due_notice",
        ["due_at", "region", "assignment_id"],
        schema="routing",
        postgresql_where=sa.text("NOT held"),
    )
    op.create_index(
        "due_notice_held_ix",
        "due_notice",
        ["region", "appeal_id"],
        schema="routing",
        postgresql_where=sa.text("held"),
    )


def downgrade() -> None:
    op.execute("DROP POLICY own_changes ON routing.reference_change")
    op.execute("ALTER TABLE routing.routed_appeal DROP COLUMN admitted_at")
    op.drop_table("due_notice", schema="routing")
    op.drop_table("planned_work", schema="routing")
