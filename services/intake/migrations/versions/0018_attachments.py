"""Files of appeals and of answers; whoever opens a file of an original is noted as who opens the original."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import CLOSED, OWN, SHARED, close_table

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

# What an organisation, and a municipal centre, sees of a table whose region it may see.
TABLES = {
    "attachment": (f"({OWN} OR intake.holds(region, appeal_id))", "intake.lies_within(region, appeal_id)"),
    "answer_attachment": (
        f"({OWN} OR intake.holds(region, appeal_id))",
        "intake.lies_within(region, appeal_id)",
    ),
    "blob_removal": (SHARED, CLOSED),
}


def upgrade() -> None:
    op.add_column("original_access", sa.Column("attachment_id", sa.Uuid(), nullable=True), schema="intake")
    op.create_table(
        "attachment",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("is_scanned", sa.Boolean(), nullable=False),
        sa.Column("key_id", sa.SmallInteger(), nullable=False),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("appeal_id", sa.Uuid(), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("attachment_pk")),
        schema="intake",
    )
    op.create_index(
        "attachment_appeal_ix",
        "attachment",
        ["region", "appeal_id"],
        schema="intake",
        postgresql_where=sa.text("appeal_id IS NOT NULL"),
    )
    op.create_index(
        "attachment_unused_ix",
        "attachment",
        ["id"],
        schema="intake",
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "answer_attachment",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "region", "appeal_id", "answer_id", "attachment_id", name=op.f("answer_attachment_pk")
        ),
        schema="intake",
    )
    op.create_index(
        "answer_attachment_attachment_ix", "answer_attachment", ["region", "attachment_id"], schema="intake"
    )
    op.create_table(
        "blob_removal",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("blob_removal_pk")),
        schema="intake",
    )
    op.create_index(op.f("blob_removal_due_at_ix"), "blob_removal", ["due_at"], schema="intake")
    for table, (organisation, municipality) in TABLES.items():
        for statement in close_table(f"intake.{table}", organisation, municipality):
            op.execute(statement)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table, schema="intake")
    op.drop_column("original_access", "attachment_id", schema="intake")
