"""The topic that a portal asks for is called what it is; who opens an original is known by person, where a client says so."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("appeal", "topic_wish", new_column_name="requested_topic", schema="intake")
    op.add_column("original_access", sa.Column("person", sa.Uuid()), schema="intake")


def downgrade() -> None:
    op.drop_column("original_access", "person", schema="intake")
    op.alter_column("appeal", "requested_topic", new_column_name="topic_wish", schema="intake")
