"""Answers in review, their signatures, what they are compared by, cases others learn from, templates."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from chassis.isolation import OWN, SHARED, close_table

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

BY_ASSIGNMENT = "routing.lies_within(region, assignment_id)"
OWN_OR_EVERYBODYS = f"(organisation_id IS NULL OR {OWN})"
# What an organisation, and a municipal centre, sees of a table whose region it may see. Cases and how they were received
# are for every organisation of the region, masked.
TABLES = {
    "answer_review": (OWN, BY_ASSIGNMENT),
    "answer_signature": (OWN, BY_ASSIGNMENT),
    "answer_band": (OWN, BY_ASSIGNMENT),
    "answer_verdict": (SHARED, BY_ASSIGNMENT),
    "answered_case": (SHARED, BY_ASSIGNMENT),
    "answer_template": (OWN_OR_EVERYBODYS, SHARED),
}


def upgrade() -> None:
    _reviews()
    _comparisons()
    _cases()
    for table, (organisation, municipality) in TABLES.items():
        for statement in close_table(f"routing.{table}", organisation, municipality):
            op.execute(statement)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _id(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"{table}_pk"))


def _index(name: str, table: str, columns: list[str], where: str = "") -> None:
    only = sa.text(where) if where else None
    op.create_index(name, table, columns, schema="routing", postgresql_where=only)


def _reviews() -> None:
    op.create_table(
        "answer_review",
        _text("region"),
        _id("answer_id"),
        _id("assignment_id"),
        _id("appeal_id"),
        _id("organisation_id"),
        _text("state"),
        _text("mode"),
        sa.Column("risk", sa.Float(), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("found", JSONB(), nullable=False),
        _text("status_before"),
        _id("person", nullable=True),
        _text("client_id"),
        _at("submitted_at"),
        _id("signer", nullable=True),
        _id("reviewer", nullable=True),
        _at("decided_at", nullable=True),
        _text("checks"),
        _text("reasons", nullable=True),
        sa.Column("key_id", sa.SmallInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        _key("answer_review", "region", "answer_id"),
        schema="routing",
    )
    waiting = "state IN ('waiting', 'signature')"
    _index("answer_review_open_ix", "answer_review", ["region", "submitted_at", "answer_id"], waiting)
    _index("answer_review_clear_ix", "answer_review", ["region", "answer_id"], "sealed IS NULL")
    _index("answer_review_organisation_ix", "answer_review", ["region", "organisation_id", "submitted_at"])
    _index("answer_review_assignment_ix", "answer_review", ["region", "assignment_id"])
    op.create_table(
        "answer_signature",
        _text("region"),
        _id("answer_id"),
        _id("assignment_id"),
        _id("organisation_id"),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        _key("answer_signature", "region", "answer_id"),
        schema="routing",
    )


def _comparisons() -> None:
    op.create_table(
        "answer_band",
        _text("region"),
        _id("organisation_id"),
        sa.Column("band", sa.Integer(), nullable=False, autoincrement=False),
        _id("answer_id"),
        _id("assignment_id"),
        _id("appeal_id"),
        _key("answer_band", "region", "organisation_id", "band", "answer_id"),
        schema="routing",
    )
    _index("answer_band_answer_ix", "answer_band", ["answer_id"])
    op.create_table(
        "answer_verdict",
        _text("region"),
        _id("answer_id"),
        _id("assignment_id"),
        _id("organisation_id"),
        _at("answered_at"),
        sa.Column("score", sa.SmallInteger(), nullable=True),
        sa.Column("reopened", sa.Boolean(), nullable=False),
        _key("answer_verdict", "region", "answer_id"),
        schema="routing",
    )
    of_organisation = ["region", "organisation_id", "answered_at"]
    _index("answer_verdict_organisation_ix", "answer_verdict", of_organisation)
    _index("answer_verdict_rated_ix", "answer_verdict", of_organisation, "score IS NOT NULL")


def _cases() -> None:
    op.create_table(
        "answered_case",
        _text("region"),
        _id("assignment_id"),
        _id("answer_id"),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.Column("indexed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _key("answered_case", "region", "assignment_id"),
        schema="routing",
    )
    _index("answered_case_new_ix", "answered_case", ["region", "assignment_id"], "NOT indexed")
    op.create_table(
        "case_words",
        _id("assignment_id"),
        sa.Column("words", sa.ARRAY(sa.Integer()), nullable=False),
        _key("case_words", "assignment_id"),
        schema="routing",
    )
    op.create_index("case_words_ix", "case_words", ["words"], schema="routing", postgresql_using="gin")
    op.create_table(
        "word_count",
        sa.Column("word", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("cases", sa.Integer(), nullable=False),
        _key("word_count", "word"),
        schema="routing",
    )
    op.create_table(
        "answer_template",
        _text("region"),
        _id("id"),
        _id("organisation_id", nullable=True),
        _text("topic", nullable=True),
        _text("outcome", nullable=True),
        _text("name"),
        _text("text"),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        _key("answer_template", "region", "id"),
        schema="routing",
    )


def downgrade() -> None:
    for table in ("case_words", "word_count", *reversed(TABLES)):
        op.drop_table(table, schema="routing")
