"""What is counted: appeals, or – as soon as one organisation is meant – its assignments, under the same names.

Measures and dimensions are written over these columns, so that a figure has one definition whatever it is counted over,
and wherever: the copy of the facts holds these very rows. Their SQL is what Postgres and DuckDB understand alike.
"""

from __future__ import annotations

from typing import Literal

Base = Literal["appeal", "assignment", "assignment_on_map"]
Dimension = Literal["topic", "group", "municipality", "region", "organisation", "channel"]


def _seconds(start: str, end: str) -> str:
    """SQL of the seconds between two times of different clocks: never negative, null where one is missing."""
    return f"CASE WHEN {end} < {start} THEN 0 ELSE date_part('epoch', {end} - {start}) END"


def _not_negative(expression: str) -> str:
    """SQL of a difference between two clocks: never negative, null where one is missing."""
    return f"CASE WHEN {expression} < 0 THEN 0 ELSE {expression} END"


def _local(moment: str, row: str) -> str:
    """SQL of a moment by the region's clock at reception, never before it; null where there is none."""
    received = f"{row}.received_local"
    return (
        f"CASE WHEN {moment} < {row}.received_at THEN {received} "
        f"ELSE {received} + ({moment} - {row}.received_at) END"
    )


def _measured(row: str) -> str:
    """SQL of the columns that both kinds of facts (`row`) have, and what follows from them.

    `*_epoch`: whole seconds since 1970. `days_*`: between local dates, by the offset that the region had at reception.
    """
    days = f"({row}.received_local + ({row}.{{}} - {row}.received_at))::date - {row}.received_local::date"
    return f"""
    {_seconds(f"{row}.received_at", f"{row}.first_reaction_at")} AS seconds_to_first_reaction,
    {_seconds(f"{row}.received_at", f"{row}.answered_at")} AS seconds_to_answer,
    floor(date_part('epoch', {row}.received_at))::bigint AS received_epoch,
    {_not_negative(days.format("first_reaction_at"))} AS days_to_first_reaction,
    {_not_negative(days.format("answered_at"))} AS days_to_answer,
    {_not_negative(f"{row}.first_reaction_work - {row}.received_work")} AS working_seconds_to_first_reaction,
    {_not_negative(f"{row}.answered_work - {row}.received_work")} AS working_seconds_to_answer,
    {row}.received_at, {row}.first_reaction_at, {row}.answered_at,
    {row}.reopenings, {row}.score_sum, {row}.score_count, {row}.solved_count, {row}.satisfied_count,
    {row}.reached_count, {row}.reached_known"""


# When somebody ceased to wait for a first answer without one.
_ENDED = "least(f.withdrawn_at, f.ended_at, CASE WHEN f.rejected THEN f.moderated_at END)"
_ENDED_ASSIGNMENT = "least(a.redirected_at, a.cancelled_at)"
# As far as the facts know them; the words are those of appeals and of assignments.
_STATUS_OF_APPEAL = """CASE WHEN f.withdrawn_at IS NOT NULL THEN 'withdrawn' WHEN f.rejected THEN 'rejected'
    WHEN f.answered_at IS NOT NULL AND f.open_leads = 0 THEN 'answered' WHEN f.reopenings > 0 THEN 'reopened'
    WHEN f.organisation_id IS NULL THEN 'registered' ELSE 'in_work' END"""
_STATUS_OF_ASSIGNMENT = """CASE WHEN a.redirected_at IS NOT NULL THEN 'redirected' WHEN a.cancelled_at IS NOT NULL THEN 'cancelled'
    WHEN a.answers > 0 AND NOT a.is_reopened THEN 'answered' WHEN a.reopenings > 0 THEN 'reopened'
    WHEN a.first_reaction_at IS NOT NULL THEN 'accepted' ELSE 'new' END"""
APPEALS = f"""
SELECT f.region, f.appeal_id, f.row_id, f.received_local, f.channel, f.topic, f.topic_group, f.organisation_id, f.cell,
    coalesce(f.municipality, f.routed_municipality) AS municipality, f.routed_municipality,
    {_measured("f")}, f.met, f.breached, f.by_work IS TRUE AS by_work,
    {_seconds("f.received_at", _ENDED)} AS seconds_to_end,
    {_local(f"least(f.answered_at, {_ENDED})", "f")} AS closed_local,
    f.due_on, floor(date_part('epoch', f.due_at))::bigint AS due_epoch, f.due_kept, f.due_at,
    NULL::uuid AS assignment_id, {_STATUS_OF_APPEAL} AS status,
    (f.withdrawn_at IS NULL AND f.rejected IS NOT TRUE AND (f.leads = 0 OR f.open_leads > 0)) AS is_open,
    (f.withdrawn_at IS NULL AND f.rejected IS NOT TRUE AND f.organisation_id IS NULL AND f.open_leads > 0) AS is_in_triage
FROM analytics.fact_appeal AS f WHERE f.received_at IS NOT NULL AND f.removed_at IS NULL
"""
_DUE = (
    "a.first_due_at IS NOT NULL AND (a.answers > 0 OR (a.redirected_at IS NULL AND a.cancelled_at IS NULL))"
)
ASSIGNMENTS = f"""
SELECT a.region, a.appeal_id, a.received_local, a.channel, a.topic, a.topic_group, a.organisation_id,
    a.municipality, NULL::text AS routed_municipality,
    {_measured("a")},
    a.by_work IS TRUE AS by_work, coalesce(a.clock_met, false) AS met, (coalesce(a.clock_breached, false) OR a.breaches > 0) AS breached,
    {_seconds("a.received_at", _ENDED_ASSIGNMENT)} AS seconds_to_end,
    {_local(f"least(a.answered_at, {_ENDED_ASSIGNMENT})", "a")} AS closed_local,
    CASE WHEN {_DUE} THEN a.first_due_on END AS due_on,
    CASE WHEN {_DUE} THEN floor(date_part('epoch', a.first_due_at))::bigint END AS due_epoch,
    coalesce(date_trunc('second', a.answered_at) <= a.first_due_at, false) AS due_kept, a.first_due_at AS due_at,
    a.assignment_id, {_STATUS_OF_ASSIGNMENT} AS status,
    (a.redirected_at IS NULL AND a.cancelled_at IS NULL AND (a.answers = 0 OR a.is_reopened)) AS is_open,
    false AS is_in_triage
FROM analytics.fact_assignment AS a WHERE a.received_at IS NOT NULL AND a.organisation_id IS NOT NULL
"""


def assignments_on_map(appeals: str = "analytics.fact_appeal") -> str:
    """SQL of assignments with their appeals' numbers and cells. `appeals`: where those are found; the planner does not draw a
    range of `appeal_id` through the join, so who asks for one gives it here, too."""
    return ASSIGNMENTS.replace("a.appeal_id,", "a.appeal_id, p.row_id, p.cell,").replace(
        "AS a WHERE", f"AS a JOIN {appeals} AS p USING (region, appeal_id) WHERE"
    )


ASSIGNMENTS_ON_THE_MAP = assignments_on_map()
SOURCES: dict[Base, str] = {
    "appeal": APPEALS,
    "assignment": ASSIGNMENTS,
    "assignment_on_map": ASSIGNMENTS_ON_THE_MAP,
}

# Settlements (ОКТМО of 11 digits) count for their municipality.
DIMENSIONS: dict[Dimension, str] = {
    "topic": "topic",
    "group": "topic_group",
    "municipality": "left(municipality, 8)",
    "region": "region",
    "organisation": "organisation_id::text",
    "channel": "channel",
}
UNKNOWN_NAMES: dict[Dimension, str] = {
    "topic": "Тема не определена",
    "group": "Группа тем не определена",
    "municipality": "Муниципалитет не указан",
    "region": "Регион не указан",
    "organisation": "Орган не назначен",
    "channel": "Канал не указан",
}
CHANNEL_NAMES = {
    "portal": "Портал",
    "widget": "Виджет на сайте",
    "pos": "ПОС «Решаем вместе»",
    "vk": "ВКонтакте",
    "ok": "Одноклассники",
    "telegram": "Telegram",
    "max": "MAX",
    "email": "Электронная почта",
    "phone": "Телефон",
    "paper": "Письмо на бумаге",
    "reception": "Личный приём",
    "open311": "Open311",
}
