"""People of one organisation are found by an index: every page of their workplace names colleagues."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = "person_organisation_id_ix"


def upgrade() -> None:
    op.create_index(NAME, "person", ["organisation_id", "id"], schema="gateway")


def downgrade() -> None:
    op.drop_index(NAME, "person", schema="gateway")
