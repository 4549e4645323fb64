"""Rules have an order, validity and seasons; companies serve houses; changes of reference data are kept."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.isolation import CLOSED, SHARED, close_table

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OLD_SUBJECT = ("region", "topic", "group_code", "municipality", "organisation_id", "role")
NEW_SUBJECT = (*OLD_SUBJECT, "valid_from", "valid_to", "season_from", "season_to", "service")
ADDED = {
    "position": sa.Integer,
    "valid_from": sa.Date,
    "valid_to": sa.Date,
    "season_from": sa.Text,
    "season_to": sa.Text,
    "service": sa.Text,
}
# Table → what its changes are called, and the column that names a row.
KEPT = {
    "topic_group": ("group", "code"),
    "topic": ("topic", "code"),
    "organisation": ("organisation", "code"),
    "municipality": ("municipality", "oktmo"),
    "settlement": ("settlement", "code"),
    "street": ("street", "settlement"),
    "rule": ("rule", "id"),
    "service_area": ("service_area", "id"),
    "setting": ("setting", "region"),
}
# A trigger, so that no way to change reference data can leave its history out. The version alone is no change.
KEEP_CHANGE = """
CREATE FUNCTION routing.keep_reference_change() RETURNS trigger LANGUAGE plpgsql AS $body$
DECLARE
    was jsonb := to_jsonb(OLD) - 'version';
    is_now jsonb := to_jsonb(NEW) - 'version';
    either jsonb := coalesce(is_now, was);
BEGIN
    IF was IS DISTINCT FROM is_now THEN
        INSERT INTO routing.reference_change (region, what, key, client_id, person, before, after) VALUES (
            either ->> 'region', TG_ARGV[0], either ->> TG_ARGV[1],
            nullif(current_setting('app.client', true), ''), nullif(current_setting('app.person', true), '')::uuid,
            was - 'region', is_now - 'region'
        );
    END IF;
    RETURN NULL;
END $body$
"""


def upgrade() -> None:
    for name, kind in ADDED.items():
        op.add_column("rule", sa.Column(name, kind(), nullable=True), schema="routing")
    _make_unique(NEW_SUBJECT)
    _create_service_areas()
    _create_changes()
    for statement in (
        *close_table("routing.service_area", SHARED, SHARED),
        *close_table("routing.reference_change", CLOSED, SHARED),
        KEEP_CHANGE,
        *(_trigger(table, *names) for table, names in KEPT.items()),
    ):
        op.execute(statement)


def _make_unique(columns: tuple[str, ...]) -> None:
    op.drop_constraint("rule_subject_uq", "rule", schema="routing")
    op.create_unique_constraint(
        "rule_subject_uq", "rule", list(columns), schema="routing", postgresql_nulls_not_distinct=True
    )


def _create_service_areas() -> None:
    op.create_table(
        "service_area",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=True),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("street_key", sa.Text(), nullable=False),
        sa.Column("street_kind", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column(
            "houses",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("comment", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.PrimaryKeyConstraint("region", "id", name=op.f("service_area_pk")),
        sa.UniqueConstraint(
            "region",
            "street_key",
            "organisation_id",
            "service",
            "municipality",
            "settlement",
            "street_kind",
            "valid_from",
            name="service_area_street_uq",
            postgresql_nulls_not_distinct=True,
        ),
        schema="routing",
    )


def _create_changes() -> None:
    op.create_table(
        "reference_change",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=True),
        sa.Column("person", sa.Uuid(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("after", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.PrimaryKeyConstraint("region", "number", name=op.f("reference_change_pk")),
        schema="routing",
    )
    op.create_index(
        "reference_change_key_ix",
        "reference_change",
        ["region", "what", "key", "number"],
        schema="routing",
    )


def _trigger(table: str, what: str, key: str) -> str:
    return (
        f"CREATE TRIGGER keep_change AFTER INSERT OR UPDATE OR DELETE ON routing.{table} FOR EACH ROW "
        f"EXECUTE FUNCTION routing.keep_reference_change('{what}', '{key}')"
    )


def downgrade() -> None:
    for table in KEPT:
        op.execute(f"DROP TRIGGER keep_change ON routing.{table}")
    op.execute("DROP FUNCTION routing.keep_reference_change()")
    op.drop_table("reference_change", schema="routing")
    op.drop_table("service_area", schema="routing")
    op.execute(
        "DELETE FROM routing.rule WHERE num_nonnulls(position, valid_from, valid_to, season_from, service) > 0"
    )
    _make_unique(OLD_SUBJECT)
    for name in ADDED:
        op.drop_column("rule", name, schema="routing")
