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


def _local(moment: str, prefix: str = "") -> str:
    """SQL of a moment by the region's clock at reception, never before it; null where there is none."""
    received = f"{prefix}received_local"
    return (
        f"CASE WHEN {moment} < {prefix}received_at THEN {received} "
        f"ELSE {received} + ({moment} - {prefix}received_at) END"
    )


_CLOSED = "least(answered_at, withdrawn_at, CASE WHEN rejected THEN moderated_at END)"
_CLOSED_ASSIGNMENT = "least(a.answered_at, a.redirected_at, a.cancelled_at)"

APPEALS = f"""
SELECT region, appeal_id, row_id, received_local, channel, topic, topic_group, organisation_id, cell,
    coalesce(municipality, routed_municipality) AS municipality, routed_municipality,
    {_seconds("received_at", "first_reaction_at")} AS seconds_to_first_reaction,
    {_seconds("received_at", "answered_at")} AS seconds_to_answer,
    {_local(_CLOSED)} AS closed_local,
    reopenings, score_sum, score_count, met, breached,
    (withdrawn_at IS NULL AND rejected IS NOT TRUE AND (leads = 0 OR open_leads > 0)) AS is_open,
    (withdrawn_at IS NULL AND rejected IS NOT TRUE AND organisation_id IS NULL AND open_leads > 0) AS is_in_triage
FROM analytics.fact_appeal WHERE received_at IS NOT NULL AND removed_at IS NULL
"""
ASSIGNMENTS = f"""
SELECT a.region, a.appeal_id, a.received_local, a.channel, a.topic, a.topic_group, a.organisation_id,
    a.municipality, NULL::text AS routed_municipality,
    {_seconds("a.received_at", "a.first_reaction_at")} AS seconds_to_first_reaction,
    {_seconds("a.received_at", "a.answered_at")} AS seconds_to_answer,
    {_local(_CLOSED_ASSIGNMENT, "a.")} AS closed_local,
    a.reopenings, a.score_sum, a.score_count,
    coalesce(a.clock_met, false) AS met, (coalesce(a.clock_breached, false) OR a.breaches > 0) AS breached,
    (a.redirected_at IS NULL AND a.cancelled_at IS NULL AND a.reopenings >= a.answers) AS is_open,
    false AS is_in_triage
FROM analytics.fact_assignment AS a WHERE a.received_at IS NOT NULL AND a.organisation_id IS NOT NULL
"""
ASSIGNMENTS_ON_THE_MAP = ASSIGNMENTS.replace("a.appeal_id,", "a.appeal_id, p.row_id, p.cell,").replace(
    "AS a WHERE", "AS a JOIN analytics.fact_appeal AS p USING (region, appeal_id) WHERE"
)
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
