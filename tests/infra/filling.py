"""A row in every table with a region: what row security is tried on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg
from uuid_utils.compat import uuid7

from contracts.parts import SERVICES
from harness.databases import Database

RIGHTS = "SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"


HERE, ELSEWHERE = "46", "77"


BEFORE = {"intake": "0004", "routing": "0004", "sla": "0003", "analytics": "0002"}


BODY, OTHER_BODY = uuid7(), uuid7()


# What only an organisation's own, or who holds the appeal, may see; what none has to do with; what all of a region read.
LIMITED = {
    "intake.appeal",
    "intake.appeal_text",
    "intake.original",
    "intake.register",
    "intake.appeal_history",
    "intake.clarification",
    "intake.original_access",
    "intake.appeal_holder",
    "intake.attachment",
    "intake.answer_attachment",
    "intake.channel_source",
    "intake.channel_delivery",
    "routing.assignment",
    "routing.answer",
    "routing.clarification",
    "routing.document_request",
    "routing.answer_review",
    "routing.answer_signature",
    "routing.answer_band",
    "routing.answer_template",
    "routing.queue_change",
    "routing.label",
    "routing.incident",
    "routing.incident_answer",
    "routing.attachment",
    "routing.attachment_use",
    "routing.photo_band",
    "sla.appeal",
    "sla.clock",
    "sla.timer",
    "sla.firing",
    "sla.extension",
    "analytics.fact_appeal",
    "analytics.fact_assignment",
    "analytics.stream_entry",
}


HIDDEN = {
    "intake.counter",
    "intake.words_to_mask",
    "intake.submission_key",
    "intake.masking_pending",
    "intake.appeal_change",
    "intake.rating",
    "intake.objection",
    "intake.text_repeat",
    "intake.region_setting",
    "intake.past_import",
    "intake.reception",
    "intake.imported_case",
    "intake.removed_appeal",
    "intake.topic",
    "intake.service_definition",
    "intake.public_update",
    "intake.widget",
    "intake.channel_count",
    "intake.channel_poll",
    "routing.routed_appeal",
    "routing.undone_import",
    "routing.shadow_prediction",
    "routing.audit",
    "routing.topic_proposal",
    "routing.reference_change",
    "routing.incident_report",
    "routing.incident_sign",
    "routing.incident_key",
    "routing.due_notice",
    "routing.incident_act",
    "routing.incident_step",
    "routing.incident_reply",
    "sla.journal",
    "sla.extension_reason",
    "sla.recalculation",
    "analytics.fact_answer",
    "analytics.fact_breach",
    "analytics.public_release",
    "analytics.problem",
    "analytics.problem_change",
    "analytics.problem_run",
    "analytics.forecast",
    "analytics.forecast_accuracy",
    "analytics.decision",
    "analytics.decision_change",
}


REFERENCE = {
    "intake.channel_connection",
    "routing.reference_version",
    "routing.topic_group",
    "routing.topic",
    "routing.organisation",
    "routing.municipality",
    "routing.settlement",
    "routing.street",
    "routing.rule",
    "routing.service_area",
    "routing.planned_work",
    "routing.setting",
    "routing.model",
    "routing.model_file",
    "routing.answer_verdict",
    "routing.answered_case",
    "routing.known_enough",
    "intake.blob_removal",
    "sla.policy",
    "sla.calendar",
    "sla.office_hours",
    "sla.escalation_level",
    "sla.setting",
    "sla.region_version",
    "analytics.reference",
}


LOGS = {f"{service}.outbox" for service in SERVICES}


TABLES = """
SELECT n.nspname || '.' || c.relname AS name, n.nspname AS part, c.relispartition, c.relkind = 'p' AS is_parent,
    c.relrowsecurity, c.relforcerowsecurity,
    EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid) AS has_policy,
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'region' AND NOT a.attisdropped)
        AS has_region
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') ORDER BY 1
"""


_VALUES = {
    "text": f"'{HERE}'",
    "uuid": "'{id}'",
    "boolean": "true",
    "jsonb": "'{{}}'",
    "bytea": "'\\x00'",
    "ARRAY": "'{{}}'",
    "timestamp with time zone": "now()",
    "date": "current_date",
}


# What rows are packed from: such a row can be taken back to before they were.
IN_CLEAR = ["payload", "data", "explanation", "text"]
# What else is filled though it may be null: whose a row is.
OWNERS = ["organisation_id", "appeal_id"]


@dataclass(frozen=True)
class Filled:
    """A database with one row of region HERE, of BODY where a table has bodies, in every table with a region."""

    database: Database
    admin: asyncpg.Connection
    tables: Sequence[asyncpg.Record]

    async def connect(self, role: str) -> asyncpg.Connection:
        return await asyncpg.connect(self.database.dsn(role))


async def fill(admin: asyncpg.Connection, table: str) -> None:
    """Add one row of any sensible values, and no trace of it elsewhere: triggers are off."""
    columns = await admin.fetch(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema || '.' || table_name = $1 "
        "AND (is_nullable = 'NO' OR column_name = ANY ($2)) AND is_identity = 'NO' AND column_default IS NULL",
        table,
        [*IN_CLEAR, *OWNERS],
    )
    values = {row["column_name"]: _VALUES.get(row["data_type"], "1").format(id=BODY) for row in columns}
    names = ", ".join(f'"{name}"' for name in values)
    await admin.execute("SET session_replication_role = replica")
    await admin.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join(values.values())})")
    await admin.execute("RESET session_replication_role")


async def allowed(connection: asyncpg.Connection, statement: str) -> int:
    """Rows that a statement found or changed; 0 where it was refused."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        rows = await connection.fetch(statement)
    except asyncpg.InsufficientPrivilegeError:
        return 0
    finally:
        await transaction.rollback()
    return len(rows)


async def forget_partitions(admin: asyncpg.Connection, part: str) -> None:
    """Drop those of the last coming period, as if they had never been made."""
    last = await admin.fetch(
        "SELECT max(c.oid::regclass::text) FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid "
        "WHERE c.relnamespace = $1::text::regnamespace AND c.relname ~ '_p[0-9]+$' GROUP BY i.inhparent",
        part,
    )
    for (name,) in last:
        await admin.execute(f"DROP TABLE {name}")
