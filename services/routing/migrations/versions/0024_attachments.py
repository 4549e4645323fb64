"""Files that came in, where they were used, and parts of the signs of organisations' photos; answers to incidents have files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import OWN, SHARED, close_table

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Signs tell nothing of what a photo shows: a region's officials may compare with those of citizens' photos.
_OWN_OR_CITIZENS = f"({OWN} OR organisation_id IS NULL)"
TABLES = {"attachment": _OWN_OR_CITIZENS, "attachment_use": _OWN_OR_CITIZENS, "photo_band": OWN}


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("signs", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("attachment_pk")),
        schema="routing",
    )
    op.create_table(
        "attachment_use",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint(
            "region", "appeal_id", "answer_id", "attachment_id", name=op.f("attachment_use_pk")
        ),
        schema="routing",
    )
    op.create_index(
        "attachment_use_attachment_ix", "attachment_use", ["region", "attachment_id"], schema="routing"
    )
    op.create_index("attachment_use_answer_ix", "attachment_use", ["region", "answer_id"], schema="routing")
    op.create_table(
        "photo_band",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "region", "organisation_id", "band", "attachment_id", name=op.f("photo_band_pk")
        ),
        schema="routing",
    )
    for table, organisation in TABLES.items():
        for statement in close_table(f"routing.{table}", organisation, SHARED):
            op.execute(statement)
    op.add_column(
        "incident_answer",
        sa.Column("attachments", postgresql.JSONB(), server_default="[]", nullable=False),
        schema="routing",
    )


def downgrade() -> None:
    op.drop_column("incident_answer", "attachments", schema="routing")
    for table in TABLES:
        op.drop_table(table, schema="routing")
