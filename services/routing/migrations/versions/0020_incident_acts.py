"""What people do with incidents."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import CLOSED, OWN, SHARED, close_table

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

# What an organisation, and a municipal centre, sees. Acts are checked first, and then see all; the last is mere numbers.
TABLES = {
    "incident_act": (CLOSED, CLOSED),
    "incident_step": (CLOSED, CLOSED),
    "incident_answer": (OWN, CLOSED),
    "incident_reply": (CLOSED, CLOSED),
    "known_enough": (SHARED, SHARED),
}


def upgrade() -> None:
    _acts()
    _steps()
    _answers()
    _known()
    for table, (organisation, municipality) in TABLES.items():
        for statement in close_table(f"routing.{table}", organisation, municipality):
            op.execute(statement)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _number(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column[int]:
    return sa.Column(
        name, sa.Integer(), nullable=nullable, server_default=sa.text(default) if default else None
    )


def _flag(name: str, *, default: bool = False) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.text("false") if default else None)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"{table}_pk"))


def _acts() -> None:
    op.create_table(
        "incident_act",
        _text("region"),
        _number("number"),
        _id("incident_id"),
        _text("act"),
        _id("other_id", nullable=True),
        _text("status_before"),
        _number("version"),
        _text("client_id", nullable=True),
        _id("person", nullable=True),
        _at("at"),
        _key("incident_act", "region", "number"),
        schema="routing",
    )
    op.create_index(
        "incident_act_incident_ix", "incident_act", ["region", "incident_id", "version"], schema="routing"
    )


def _steps() -> None:
    op.create_table(
        "incident_step",
        _text("region"),
        _number("number"),
        _id("assignment_id"),
        _id("from_incident"),
        _id("to_incident"),
        _text("joined_by", nullable=True),
        sa.Column("similarity", sa.Float(), nullable=True),
        _flag("kept_out"),
        _flag("moved"),
        _id("organisation_id", nullable=True),
        _text("status", nullable=True),
        _at("accepted_at", nullable=True),
        _text("external_ref", nullable=True),
        _id("person", nullable=True),
        sa.Column("explained", sa.dialects.postgresql.JSONB(), nullable=True),
        _number("version_before", nullable=True),
        _number("version_after", nullable=True),
        _flag("taken_back", default=True),
        _key("incident_step", "region", "number", "assignment_id"),
        schema="routing",
    )
    op.create_index(
        "incident_step_assignment_ix",
        "incident_step",
        ["region", "assignment_id", "number"],
        schema="routing",
        postgresql_where=sa.text("NOT taken_back"),
    )


def _answers() -> None:
    op.create_table(
        "incident_answer",
        _text("region"),
        _id("incident_id"),
        _id("organisation_id"),
        _text("text"),
        _text("outcome"),
        sa.Column("promised_on", sa.Date(), nullable=True),
        _text("client_id"),
        _id("person", nullable=True),
        _at("given_at"),
        _number("done", default="0"),
        _number("expected"),
        _at("passed_at", nullable=True),
        _id("passed_id", nullable=True),
        _at("progressed_at"),
        _at("finished_at", nullable=True),
        sa.Column("key_id", sa.SmallInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        _key("incident_answer", "region", "incident_id"),
        schema="routing",
    )
    op.create_index(
        "incident_answer_running_ix",
        "incident_answer",
        ["progressed_at"],
        schema="routing",
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "incident_reply",
        _text("region"),
        _id("incident_id"),
        _id("assignment_id"),
        _flag("answered"),
        _key("incident_reply", "region", "incident_id", "assignment_id"),
        schema="routing",
    )


def _known() -> None:
    op.create_table(
        "known_enough",
        _text("region"),
        _id("id"),
        _number("enough"),
        _key("known_enough", "region", "id"),
        schema="routing",
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table, schema="routing")
