"""What is counted: appeals, or – as soon as one organisation is meant – its assignments, under the same names.

Measures and dimensions are written over these columns, so that a figure has one definition whatever it is counted over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from services.analytics.figures.rules.periods import Period

Base = Literal["appeal", "assignment"]
Dimension = Literal["topic", "group", "municipality", "region", "organisation", "channel"]

_APPEALS = """
SELECT region, received_at, received_local, channel, topic, topic_group, organisation_id, cell,
    coalesce(municipality, routed_municipality) AS municipality,
    first_reaction_at, answered_at, reopenings, score_sum, score_count, met, breached,
    (withdrawn_at IS NULL AND rejected IS NOT TRUE AND (leads = 0 OR open_leads > 0)) AS is_open,
    (withdrawn_at IS NULL AND rejected IS NOT TRUE AND organisation_id IS NULL AND open_leads > 0) AS is_in_triage
FROM analytics.fact_appeal WHERE received_at IS NOT NULL AND removed_at IS NULL
"""
_ASSIGNMENTS = """
SELECT a.region, a.received_at, a.received_local, a.channel, a.topic, a.topic_group, a.organisation_id,
    a.municipality, a.appeal_id,
    a.first_reaction_at, a.answered_at, a.reopenings, a.score_sum, a.score_count,
    coalesce(a.clock_met, false) AS met, (coalesce(a.clock_breached, false) OR a.breaches > 0) AS breached,
    (a.redirected_at IS NULL AND a.cancelled_at IS NULL AND a.reopenings >= a.answers) AS is_open,
    false AS is_in_triage
FROM analytics.fact_assignment AS a WHERE a.received_at IS NOT NULL AND a.organisation_id IS NOT NULL
"""
_ASSIGNMENTS_ON_THE_MAP = _ASSIGNMENTS.replace("a.appeal_id,", "a.appeal_id, p.cell,").replace(
    "AS a WHERE", "AS a JOIN analytics.fact_appeal AS p USING (region, appeal_id) WHERE"
)
SOURCES: dict[Base, str] = {"appeal": _APPEALS, "assignment": _ASSIGNMENTS}
MAP_SOURCES: dict[Base, str] = {"appeal": _APPEALS, "assignment": _ASSIGNMENTS_ON_THE_MAP}

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


@dataclass(frozen=True)
class Filter:
    """Which appeals a figure is about: what was asked, narrowed to what the asker may see.

    `region` is the one that was asked for; `regions` are those that count (None: all).
    """

    region: str | None
    regions: tuple[str, ...] | None
    period: Period
    municipality: str | None = None
    organisation: UUID | None = None
    topic: str | None = None
    group: str | None = None
    channel: str | None = None

    def during(self, period: Period) -> Filter:
        """The same question about another period."""
        return replace(self, period=period)


def base_of(organisation: object | None, dimension: Dimension | None = None) -> Base:
    """An organisation's figures count its assignments (also as co-executor, also those it redirected); others count appeals."""
    return "assignment" if organisation is not None or dimension == "organisation" else "appeal"
