"""People: accounts, sessions, links, recovery codes, the journal of changes, and who has signed in wrongly."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
NOW = sa.text("now()")
TEXTS = postgresql.ARRAY(sa.Text)
TABLES = ("sign_in_attempts", "person_change", "recovery_code", "person_link", "person_session", "person")


def upgrade() -> None:
    _create_people()
    _create_sessions()
    _create_journal()


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table, schema="gateway")


def _create_people() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("login_key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("position", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("regions", TEXTS, nullable=False),
        sa.Column("municipalities", TEXTS, nullable=False, server_default=sa.text("'{}'")),
        sa.Column("organisation_id", sa.Uuid),
        sa.Column("active", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("version", sa.Integer, nullable=False, server_default=sa.text("1")),
        sa.Column("password_hash", sa.Text),
        sa.Column("code_secret", sa.LargeBinary),
        sa.Column("code_confirmed", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("code_step", sa.BigInteger, nullable=False, server_default=sa.text("0")),
        sa.Column("created_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("token_generation", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("tokens_void_at", INSTANT),
        sa.PrimaryKeyConstraint("id", name="person_pk"),
        schema="gateway",
    )
    op.create_index("person_login_key_uq", "person", ["login_key"], unique=True, schema="gateway")
    op.create_index("person_tokens_void_at_ix", "person", ["tokens_void_at"], schema="gateway")
    rights = ("role", "regions", "municipalities", "organisation_id", "active")
    before, after = (", ".join(f"{row}.{name}" for name in rights) for row in ("OLD", "NEW"))
    op.execute(
        f"CREATE TRIGGER void_tokens BEFORE UPDATE ON gateway.person FOR EACH ROW "
        f"WHEN (({before}) IS DISTINCT FROM ({after})) EXECUTE FUNCTION gateway.void_tokens()"
    )


def _create_sessions() -> None:
    op.create_table(
        "person_session",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("salt", sa.LargeBinary, nullable=False),
        sa.Column("address_hash", sa.LargeBinary, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.Column("rotated_at", INSTANT),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT),
        sa.Column("ended_by", sa.Text),
        sa.PrimaryKeyConstraint("id", name="person_session_pk"),
        schema="gateway",
    )
    op.create_index("person_session_person_id_ix", "person_session", ["person_id"], schema="gateway")
    op.create_index("person_session_ended_at_ix", "person_session", ["ended_at"], schema="gateway")
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.LargeBinary, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("locked_until", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name="sign_in_attempts_pk"),
        schema="gateway",
    )


def _create_journal() -> None:
    op.create_table(
        "person_link",
        sa.Column("token_hash", sa.LargeBinary, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("drops_code", sa.Boolean, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT),
        sa.PrimaryKeyConstraint("token_hash", name="person_link_pk"),
        schema="gateway",
    )
    op.create_index("person_link_person_id_ix", "person_link", ["person_id"], schema="gateway")
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("code_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("person_id", "code_hash", name="recovery_code_pk"),
        schema="gateway",
    )
    op.create_table(
        "person_change",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("person_id", sa.Uuid, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False, server_default=NOW),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("changed_by", sa.Uuid),
        sa.Column("fields", postgresql.JSONB, nullable=False),
        sa.PrimaryKeyConstraint("id", name="person_change_pk"),
        schema="gateway",
    )
    op.create_index("person_change_person_id_ix", "person_change", ["person_id", "id"], schema="gateway")
