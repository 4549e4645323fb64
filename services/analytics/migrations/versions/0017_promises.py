"""Facts know until when an answer that postpones promises what it promises."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("fact_answer", sa.Column("promised_on", sa.Date(), nullable=True), schema="analytics")
    op.create_index(
        "fact_answer_promised_ix",
        "fact_answer",
        ["region", "promised_on"],
        schema="analytics",
        postgresql_where=sa.text("promised_on IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("fact_answer_promised_ix", "fact_answer", schema="analytics")
    op.drop_column("fact_answer", "promised_on", schema="analytics")
