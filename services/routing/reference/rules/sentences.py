"""Competence rules as people read them: «С 1 ноября по 31 марта: тема «Уборка снега», Город Курск → Комитет городского хозяйства»."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final
from uuid import UUID

from services.routing.reference.rules.competence import CompetenceRule
from services.routing.reference.rules.houses import SERVICES
from services.routing.reference.rules.region_reference import RegionReference

_MONTHS: Final = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]


def describe_rule(rule: CompetenceRule, reference: RegionReference) -> str:
    """When, for what and where → who."""
    subject = f"{subject_of(rule.topic, rule.group, reference)}, {place_of(rule.municipality, reference)}"
    days = ", ".join(_days_of(rule))
    when = f"{days}: {subject}" if days else subject
    order = f"№ {rule.position}. " if rule.position is not None else ""
    return f"{order}{when[:1].upper()}{when[1:]} → {_receiver_of(rule, reference)}"


def _days_of(rule: CompetenceRule) -> Iterator[str]:
    if rule.season_from and rule.season_to:
        yield f"с {_day_of_year(rule.season_from)} по {_day_of_year(rule.season_to)}"
    if rule.valid_from:
        yield f"начиная с {_day(rule.valid_from)}"
    if rule.valid_to:
        yield f"до {_day(rule.valid_to)}"


def _day_of_year(day: str) -> str:
    month, number = day.split("-")
    return f"{int(number)} {_MONTHS[int(month) - 1]}"


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def subject_of(topic: str | None, group: str | None, reference: RegionReference) -> str:
    """What a rule is for, by name; by its code where the region does not have it any more."""
    if topic:
        known = reference.topic(topic)
        return f"тема «{known.name if known else topic}»"
    if group:
        names = (topic.group_name for topic in reference.topics.values() if topic.group == group)
        return f"группа тем «{next(names, group)}»"
    return "любая тема"


def place_of(municipality: str | None, reference: RegionReference) -> str:
    """Where a rule counts, by name; by its ОКТМО where that is not known."""
    if municipality is None:
        return "весь регион"
    return reference.place_names.get(municipality) or f"ОКТМО {municipality}"


def _receiver_of(rule: CompetenceRule, reference: RegionReference) -> str:
    name = organisation_name(rule.organisation_id, reference)
    receiver = f"соисполнитель {name}" if rule.role == "co_executor" else name
    if rule.service is None:
        return receiver
    return f"организация, обслуживающая дом ({SERVICES[rule.service]}), а если она неизвестна – {receiver}"


def organisation_name(organisation_id: UUID, reference: RegionReference) -> str:
    """Its name, or its id where the region does not have it."""
    known = reference.organisations.get(organisation_id)
    return known.name if known else str(organisation_id)
