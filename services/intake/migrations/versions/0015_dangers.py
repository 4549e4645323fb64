"""Whether a text reports a danger is kept with its appeal, so that the notice shows before the text is masked."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("appeal", sa.Column("danger", sa.Boolean()), schema="intake")


def downgrade() -> None:
    op.drop_column("appeal", "danger", schema="intake")
