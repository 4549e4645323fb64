"""Incidents and what appeals tell of them."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import CLOSED, OWN, close_table, lies_in_own

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What an organisation, and a municipal centre, sees: an organisation the incidents it holds the lead of.
TABLES = {
    "incident": (OWN, lies_in_own("municipality")),
    "incident_report": (CLOSED, "routing.lies_within(region, assignment_id)"),
    "incident_sign": (CLOSED, CLOSED),
    "incident_key": (CLOSED, CLOSED),
}


def upgrade() -> None:
    _incidents()
    _reports()
    _signs()
    _keys()
    for table, (organisation, municipality) in TABLES.items():
        for statement in close_table(f"routing.{table}", organisation, municipality):
            op.execute(statement)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False)


def _incidents() -> None:
    op.create_table(
        "incident",
        _text("region"),
        _id("id"),
        _text("status"),
        _text("topic", nullable=True),
        _text("title"),
        _at("started_at"),
        _at("last_at"),
        _text("municipality", nullable=True),
        _text("settlement", nullable=True),
        _text("street", nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("radius_m", sa.Integer(), nullable=True),
        sa.Column("appeals", sa.Integer(), nullable=False),
        _id("organisation_id", nullable=True),
        _id("work_id", nullable=True),
        _flag("touched"),
        _id("merged_into", nullable=True),
        _at("answered_at", nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("incident_pk")),
        schema="routing",
    )
    op.create_index("incident_status_ix", "incident", ["region", "status", "last_at", "id"], schema="routing")
    op.create_index(
        "incident_work_ix",
        "incident",
        ["region", "work_id"],
        schema="routing",
        postgresql_where=sa.text("work_id IS NOT NULL"),
    )


def _reports() -> None:
    op.create_table(
        "incident_report",
        _text("region"),
        _id("assignment_id"),
        _id("appeal_id"),
        _at("received_at"),
        _flag("matched"),
        _id("incident_id", nullable=True),
        _text("joined_by", nullable=True),
        sa.Column("similarity", sa.Float(), nullable=True),
        _flag("kept_out"),
        sa.PrimaryKeyConstraint("region", "assignment_id", name=op.f("incident_report_pk")),
        schema="routing",
    )
    op.create_index(
        "incident_report_new_ix",
        "incident_report",
        ["region", "assignment_id"],
        schema="routing",
        postgresql_where=sa.text("NOT matched"),
    )
    op.create_index(
        "incident_report_incident_ix",
        "incident_report",
        ["region", "incident_id", "received_at", "assignment_id"],
        schema="routing",
        postgresql_where=sa.text("incident_id IS NOT NULL"),
    )
    op.create_index(
        "incident_report_alone_ix",
        "incident_report",
        ["region", "received_at"],
        schema="routing",
        postgresql_where=sa.text("incident_id IS NULL"),
    )


def _list(name: str, kind: sa.types.TypeEngine[object]) -> sa.Column[object]:
    return sa.Column(name, sa.ARRAY(kind), server_default=sa.text("'{}'"), nullable=False)


def _signs() -> None:
    op.create_table(
        "incident_sign",
        _text("region"),
        _id("assignment_id"),
        _at("received_at"),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        _id("component", nullable=True),
        _flag("close"),
        _flag("to_move"),
        _text("topic", nullable=True),
        _text("municipality", nullable=True),
        _text("place", nullable=True),
        _flag("is_small"),
        _text("street", nullable=True),
        _text("event", nullable=True),
        _list("streets", sa.Text()),
        _list("maybe", sa.Text()),
        _list("houses", sa.Text()),
        _list("events", sa.Text()),
        _list("weights", sa.Integer()),
        sa.PrimaryKeyConstraint("region", "assignment_id", name=op.f("incident_sign_pk")),
        schema="routing",
    )
    for name, columns, where in (
        ("incident_sign_component_ix", ["region", "component"], None),
        ("incident_sign_move_ix", ["region", "assignment_id"], "to_move"),
        ("incident_sign_received_ix", ["region", "received_at"], None),
    ):
        condition = sa.text(where) if where else None
        op.create_index(name, "incident_sign", columns, schema="routing", postgresql_where=condition)


def _keys() -> None:
    op.create_table(
        "incident_key",
        _text("region"),
        sa.Column("key", sa.BigInteger(), nullable=False),
        _at("received_at"),
        _id("assignment_id"),
        sa.PrimaryKeyConstraint(
            "region", "key", "received_at", "assignment_id", name=op.f("incident_key_pk")
        ),
        schema="routing",
    )


def downgrade() -> None:
    op.drop_table("incident_key", schema="routing")
    op.drop_table("incident_sign", schema="routing")
    op.drop_table("incident_report", schema="routing")
    op.drop_table("incident", schema="routing")
