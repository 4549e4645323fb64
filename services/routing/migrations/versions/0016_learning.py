"""Models of regions, labels, predictions in shadow, audits, proposals of topics."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis.isolation import CLOSED, OWN, SHARED, close_table

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BY_ASSIGNMENT = "routing.lies_within(region, assignment_id)"
# What an organisation, and a municipal centre, sees of a table whose region it may see.
TABLES = {
    # Whoever loads a region's reference data, loads with it which model is in use.
    "model": (SHARED, SHARED),
    "model_file": (SHARED, SHARED),
    # An organisation that accepts a redirected question labels it.
    "label": (OWN, BY_ASSIGNMENT),
    "shadow_prediction": (CLOSED, CLOSED),
    "audit": (CLOSED, BY_ASSIGNMENT),
    "topic_proposal": (CLOSED, CLOSED),
}
WHEN = sa.DateTime(timezone=True)
NOW = sa.text("now()")
ONE = sa.text("1")


def upgrade() -> None:
    _create_models()
    _create_labels()
    _create_audits()
    _create_proposals()
    for table, limits in TABLES.items():
        for statement in close_table(f"routing.{table}", *limits):
            op.execute(statement)


def _create_models() -> None:
    op.create_table(
        "model",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("base", sa.Uuid(), nullable=True),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("predecessor_id", sa.Uuid(), nullable=True),
        sa.Column("rows", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("trained_until", WHEN, nullable=True),
        sa.Column("hold_out", JSONB(), nullable=True),
        sa.Column("thresholds", JSONB(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("lease_until", WHEN, nullable=True),
        sa.Column("created_at", WHEN, server_default=NOW, nullable=False),
        sa.Column("promoted_at", WHEN, nullable=True),
        sa.Column("version", sa.Integer(), server_default=ONE, nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("model_pk")),
        schema="routing",
    )
    # One of a kind in a region, also for two requests at the same time.
    for status in ("current", "shadow", "training"):
        op.create_index(
            f"model_{status}_uq",
            "model",
            ["region"],
            unique=True,
            schema="routing",
            postgresql_where=sa.text(f"status = '{status}'"),
        )
    op.create_table(
        "model_file",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("region", "model_id", name=op.f("model_file_pk")),
        schema="routing",
    )
    # It is compressed already.
    op.execute("ALTER TABLE routing.model_file ALTER COLUMN data SET STORAGE EXTERNAL")


def _create_labels() -> None:
    op.create_table(
        "label",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("label_pk")),
        schema="routing",
    )
    op.create_index("label_assignment_ix", "label", ["region", "assignment_id"], schema="routing")
    op.create_table(
        "shadow_prediction",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("current_topic", sa.Text(), nullable=True),
        sa.Column("current_confidence", sa.Float(), nullable=False),
        sa.Column("at", WHEN, nullable=False),
        sa.PrimaryKeyConstraint("region", "model_id", "assignment_id", name=op.f("shadow_prediction_pk")),
        schema="routing",
    )
    op.create_index("shadow_prediction_at_ix", "shadow_prediction", ["at"], schema="routing")


def _create_audits() -> None:
    op.create_table(
        "audit",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("model_id", sa.Uuid(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("drawn_at", WHEN, nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'open'"), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=True),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=ONE, nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("audit_pk")),
        schema="routing",
    )
    open_ones, decided = sa.text("status = 'open'"), sa.text("status = 'decided'")
    op.create_index("audit_open_ix", "audit", ["region", "id"], schema="routing", postgresql_where=open_ones)
    op.create_index(
        "audit_assignment_uq", "audit", ["region", "assignment_id"], unique=True, schema="routing"
    )
    op.create_index(
        "audit_model_ix", "audit", ["region", "model_id"], schema="routing", postgresql_where=decided
    )


def _create_proposals() -> None:
    op.create_table(
        "topic_proposal",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("words", JSONB(), nullable=False),
        sa.Column("examples", JSONB(), nullable=False),
        sa.Column("weeks", JSONB(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'new'"), nullable=False),
        sa.Column("found_at", WHEN, server_default=NOW, nullable=False),
        sa.Column("decided_at", WHEN, nullable=True),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=ONE, nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("topic_proposal_pk")),
        schema="routing",
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table, schema="routing")
