"""Texts are searched in their normal form, which is kept where it has other words than the text; older texts as written."""

import sqlalchemy as sa
from alembic import op

from chassis.isolation import rows_within

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP VIEW intake.searchable_text")
    op.drop_index("appeal_text_words_ix", table_name="appeal_text", schema="intake")
    op.add_column("appeal_text", sa.Column("normal", sa.Text()), schema="intake")
    make_searchable("COALESCE(normal, text)", "region, appeal_id, text, address, normal")


def downgrade() -> None:
    op.execute("DROP VIEW intake.searchable_text")
    op.drop_index("appeal_text_words_ix", table_name="appeal_text", schema="intake")
    op.drop_column("appeal_text", "normal", schema="intake")
    make_searchable("text", "region, appeal_id, text, address")


def make_searchable(searched: str, columns: str) -> None:
    op.create_index(
        "appeal_text_words_ix",
        "appeal_text",
        [sa.literal_column(f"to_tsvector('russian'::regconfig, {searched})")],
        unique=False,
        schema="intake",
        postgresql_using="gin",
    )
    within = rows_within("intake.holds(region, appeal_id)")
    op.execute(
        f"CREATE VIEW intake.searchable_text AS SELECT {columns} FROM intake.appeal_text WHERE {within}"
    )
    op.execute("REVOKE INSERT, UPDATE, DELETE ON intake.searchable_text FROM intake")
