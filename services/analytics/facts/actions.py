"""What changes the facts: a batch of events, new or sent again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import encode_rows, insert_rows, open_work, rows, run, scalar
from chassis.resources import Sessions
from contracts.event import Event
from services.analytics import tables
from services.analytics.facts.rules.facts import Facts
from services.analytics.facts.rules.projections import fold
from services.analytics.facts.rules.upserts import (
    ANSWER,
    APPEAL,
    ASSIGNMENT,
    BREACH,
    REFERENCE,
    UpsertSpec,
    Values,
)

_TABLES: dict[str, Table] = {
    APPEAL.table: tables.fact_appeal,
    ASSIGNMENT.table: tables.fact_assignment,
    ANSWER.table: tables.fact_answer,
    BREACH.table: tables.fact_breach,
    REFERENCE.table: tables.reference,
}
_CONFLICTS = {spec.table: spec.conflict_clause() for spec in (APPEAL, ASSIGNMENT, ANSWER, BREACH, REFERENCE)}

# Over an assignment's answers `x`. Of the newest cycle of those that were given: whether one of them was not accepted.
_IS_REOPENED = """
coalesce(max(2 * x.cycle + (x.reopened_at IS NOT NULL)::int) FILTER (WHERE x.answered_at IS NOT NULL) % 2 = 1, false)
"""
_PROMISED_ON = "(array_agg(x.promised_on ORDER BY x.answered_at DESC, x.answer_id DESC) FILTER (WHERE x.answered_at IS NOT NULL))[1]"
_ASSIGNMENT_TOTALS = f"""
UPDATE analytics.fact_assignment AS t
SET answers = n.answers, answered_at = n.answered_at, answered_work = n.answered_work, reopenings = n.reopenings,
    score_sum = n.score_sum, score_count = n.score_count, solved_count = n.solved_count,
    satisfied_count = n.satisfied_count, reached_count = n.reached_count, reached_known = n.reached_known,
    breaches = n.breaches, is_reopened = n.is_reopened, promised_on = CASE WHEN NOT n.is_reopened THEN n.promised_on END
FROM (
    SELECT r.*, a.*, b.*
    FROM json_to_recordset(:rows::json) AS r(region text, appeal_id uuid, assignment_id uuid)
    CROSS JOIN LATERAL (
        SELECT count(x.answered_at) AS answers, min(x.answered_at) AS answered_at,
            min(x.answered_work) AS answered_work, count(x.reopened_at) AS reopenings,
            coalesce(sum(x.score), 0) AS score_sum, count(x.score) AS score_count,
            count(*) FILTER (WHERE x.solved) AS solved_count, count(*) FILTER (WHERE x.satisfied) AS satisfied_count,
            count(*) FILTER (WHERE x.reached) AS reached_count, count(x.reached) AS reached_known,
            {_IS_REOPENED} AS is_reopened, {_PROMISED_ON} AS promised_on
        FROM analytics.fact_answer AS x
        WHERE x.region = r.region AND x.appeal_id = r.appeal_id AND x.assignment_id = r.assignment_id
    ) AS a
    CROSS JOIN LATERAL (
        SELECT count(*) AS breaches FROM analytics.fact_breach AS x
        WHERE x.region = r.region AND x.appeal_id = r.appeal_id AND x.deadline_id = r.assignment_id
            AND x.clock = 'answer' AND x.fired_at IS NOT NULL AND x.corrected_at IS NULL
    ) AS b
) AS n
WHERE t.region = n.region AND t.appeal_id = n.appeal_id AND t.assignment_id = n.assignment_id
"""
# The current lead is the newest that has not ended; an assignment known only from later events (no `created_at` yet)
# does not count.
_TOTALS_OF_APPEAL = (
    *("leads", "open_leads", "organisation_id", "topic", "topic_group", "routed_municipality"),
    *("first_reaction_at", "first_reaction_work", "answered_at", "answered_work", "ended_at", "reopenings"),
    *("score_sum", "score_count", "solved_count", "satisfied_count", "reached_count", "reached_known"),
    *("met", "breached", "due_on", "due_at", "due_kept"),
)
# A lead whose first answer is still awaited, or was given; the second of `due_at` is still in time (as in sla).
_AWAITED = "x.role = 'lead' AND x.first_due_at IS NOT NULL AND (x.answers > 0 OR NOT x.is_ended)"
_APPEAL_TOTALS = f"""
UPDATE analytics.fact_appeal AS t SET {", ".join(f"{name} = n.{name}" for name in _TOTALS_OF_APPEAL)}
FROM (
    SELECT r.*, s.*, h.*
    FROM json_to_recordset(:rows::json) AS r(region text, appeal_id uuid)
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE x.role = 'lead') AS leads,
            count(*) FILTER (WHERE x.role = 'lead' AND NOT x.is_ended AND (x.answers = 0 OR x.is_reopened)) AS open_leads,
            min(x.first_reaction_at) AS first_reaction_at, min(x.first_reaction_work) AS first_reaction_work,
            min(x.answered_at) FILTER (WHERE x.role = 'lead') AS answered_at,
            min(x.answered_work) FILTER (WHERE x.role = 'lead') AS answered_work,
            CASE WHEN bool_and(x.is_ended) FILTER (WHERE x.role = 'lead')
                THEN max(least(x.redirected_at, x.cancelled_at)) FILTER (WHERE x.role = 'lead') END AS ended_at,
            coalesce(sum(x.reopenings), 0) AS reopenings, coalesce(sum(x.score_sum), 0) AS score_sum,
            coalesce(sum(x.score_count), 0) AS score_count, coalesce(sum(x.solved_count), 0) AS solved_count,
            coalesce(sum(x.satisfied_count), 0) AS satisfied_count,
            coalesce(sum(x.reached_count), 0) AS reached_count, coalesce(sum(x.reached_known), 0) AS reached_known,
            coalesce(bool_or(x.clock_met) FILTER (WHERE x.role = 'lead'), false) AS met,
            coalesce(bool_or(x.breaches > 0 OR x.clock_breached) FILTER (WHERE x.role = 'lead'), false) AS breached,
            max(x.first_due_on) FILTER (WHERE {_AWAITED}) AS due_on, max(x.first_due_at) FILTER (WHERE {_AWAITED}) AS due_at,
            coalesce(bool_and(coalesce(date_trunc('second', x.answered_at) <= x.first_due_at, false))
                FILTER (WHERE {_AWAITED}), false) AS due_kept
        FROM (
            SELECT *, redirected_at IS NOT NULL OR cancelled_at IS NOT NULL AS is_ended FROM analytics.fact_assignment
        ) AS x
        WHERE x.region = r.region AND x.appeal_id = r.appeal_id AND x.created_at IS NOT NULL
    ) AS s
    LEFT JOIN LATERAL (
        SELECT x.organisation_id, x.topic, x.topic_group, x.municipality AS routed_municipality
        FROM analytics.fact_assignment AS x
        WHERE x.region = r.region AND x.appeal_id = r.appeal_id AND x.created_at IS NOT NULL AND x.role = 'lead'
        ORDER BY (x.redirected_at IS NOT NULL OR x.cancelled_at IS NOT NULL), x.created_at DESC, x.assignment_id DESC
        LIMIT 1
    ) AS h ON true
) AS n
WHERE t.region = n.region AND t.appeal_id = n.appeal_id
    AND ({", ".join(f"t.{name}" for name in _TOTALS_OF_APPEAL)})
    IS DISTINCT FROM ({", ".join(f"n.{name}" for name in _TOTALS_OF_APPEAL)})
"""
# Whatever comes first, the removal or what it removes: under the appeal's row nothing is left.
_REMOVED = """
SELECT t.region, t.appeal_id FROM json_to_recordset(:rows::json) AS r(region text, appeal_id uuid)
JOIN analytics.fact_appeal AS t ON t.region = r.region AND t.appeal_id = r.appeal_id AND t.removed_at IS NOT NULL
"""
_CLEAR = """
DELETE FROM analytics.{table} AS x USING json_to_recordset(:rows::json) AS r(region text, appeal_id uuid)
WHERE x.region = r.region AND x.appeal_id = r.appeal_id
"""
_LATER = "(stream) DO UPDATE SET newest_at = excluded.newest_at WHERE progress.newest_at < excluded.newest_at"


_NOTE = "INSERT INTO analytics.figure_change (regions, appeals) VALUES (:regions, :appeals)"
_KEPT = timedelta(days=1)
_PURGED_AT_ONCE = 5_000
# What is purged has been settled long since; the number of the newest says who has missed something.
_PURGE = """
WITH old AS (
    SELECT position FROM analytics.figure_change WHERE noted_at < now() - CAST(:kept AS interval) ORDER BY xid, position LIMIT :limit
), gone AS (
    DELETE FROM analytics.figure_change AS c USING old WHERE c.position = old.position RETURNING c.xid
), newest AS (
    SELECT max(xid) AS xid, count(*) AS count FROM gone
), noted AS (
    INSERT INTO analytics.figure_purge (id, xid) SELECT 1, xid FROM newest WHERE count > 0
    ON CONFLICT (id) DO UPDATE SET xid = greatest(figure_purge.xid, excluded.xid)
)
SELECT count FROM newest
"""


@dataclass(frozen=True, slots=True)
class RemovedAppeal:
    """One that was taken back."""

    region: str
    appeal_id: UUID


async def project_events(session: AsyncSession, events: Sequence[Event]) -> None:
    """Add a batch of events to the facts, in a constant number of statements.

    The appeals' rows come first and in order: they are the locks under which totals are computed.
    """
    facts = fold(events)
    for spec in (APPEAL, ASSIGNMENT, ANSWER, BREACH):
        await _write(session, spec, facts)
    await _clear_removed(session, facts.appeals_to_clear())
    await _run_for(session, _ASSIGNMENT_TOTALS, facts.assignments_to_total())
    await _run_for(session, _APPEAL_TOTALS, facts.appeals_to_total())
    await insert_rows(session, tables.reference, facts.sorted_names(), on_conflict="DO NOTHING")
    await _write(session, REFERENCE, facts)
    await _note_changes(session, facts)
    newest = [tables.Progress(stream, at) for stream, at in sorted(facts.newest.items())]
    await insert_rows(session, tables.progress, newest, on_conflict=_LATER)


async def _note_changes(session: AsyncSession, facts: Facts) -> None:
    """Which appeals a batch is about, for copies of the facts: always, so that no copy has to be there for it."""
    changed = facts.sorted_rows(APPEAL)
    if changed:
        regions, appeals = [row["region"] for row in changed], [row["appeal_id"] for row in changed]
        await run(session, _NOTE, regions=regions, appeals=appeals)


async def purge_changes(sessions: Sessions) -> None:
    """Notes of changes older than a day go, some at a time."""
    purged = _PURGED_AT_ONCE
    while purged == _PURGED_AT_ONCE:
        async with sessions.begin() as session:
            await open_work(session)
            purged = await scalar(session, int, _PURGE, kept=_KEPT, limit=_PURGED_AT_ONCE) or 0


async def _clear_removed(session: AsyncSession, candidates: Sequence[Values]) -> None:
    """Nothing is left below appeals that were taken back."""
    if not candidates:
        return
    removed = await rows(session, RemovedAppeal, _REMOVED, rows=encode_rows(candidates))
    if removed:
        for table in ("fact_answer", "fact_breach", "fact_assignment"):
            await run(session, _CLEAR.format(table=table), rows=encode_rows(removed))


async def _write(session: AsyncSession, spec: UpsertSpec, facts: Facts) -> None:
    await insert_rows(
        session, _TABLES[spec.table], facts.sorted_rows(spec), on_conflict=_CONFLICTS[spec.table]
    )


async def _run_for(session: AsyncSession, statement: str, keys: Sequence[Values]) -> None:
    if keys:
        await run(session, statement, rows=encode_rows(keys))
