"""What is wrong with a set of competence rules by itself: rules that can decide nothing, and rules that contradict each other."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from uuid import UUID

from services.routing.reference.rules.competence import CompetenceRule
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.validity import season_days


@dataclass(frozen=True, slots=True)
class Period:
    """Local days, both inclusive."""

    first: date
    last: date

    def days(self) -> Iterator[date]:
        """One after the other."""
        for number in range((self.last - self.first).days + 1):
            yield self.first + timedelta(days=number)


def find_dead(reference: RegionReference, period: Period) -> dict[UUID, str]:
    """Rules that no appeal of the period could reach, with the reason in Russian."""
    in_use = {topic.group for topic in reference.topics.values() if topic.active}
    found = {rule.id: _why_dead(rule, reference, in_use, period) for rule in reference.rules.all()}
    return {id: reason for id, reason in found.items() if reason is not None}


def _why_dead(
    rule: CompetenceRule, reference: RegionReference, groups_in_use: set[str], period: Period
) -> str | None:
    if rule.topic is not None and reference.topic_in_use(rule.topic) is None:
        return "Тема выведена из использования."
    if rule.group is not None and rule.group not in groups_in_use:
        return "В группе нет действующих тем."
    if rule.service is None and reference.organisation_in_use(rule.organisation_id) is None:
        return "Организация не исполняет обращения или выведена из использования."
    if rule.is_dated and not any(map(rule.applies_on, period.days())):
        return "Правило не действовало ни в один день периода."
    return None


def find_shadowed(reference: RegionReference, dead: Collection[UUID]) -> dict[UUID, UUID]:
    """Rules before which another one always decides: it stands before them and covers all they do, on every day."""
    alive = [rule for rule in reference.rules.all() if rule.id not in dead and rule.role == "lead"]
    found = {rule.id: _shadow_of(rule, reference, dead) for rule in alive}
    return {id: by for id, by in found.items() if by is not None}


def _shadow_of(rule: CompetenceRule, reference: RegionReference, dead: Collection[UUID]) -> UUID | None:
    topic = reference.topic(rule.topic)
    group = topic.group if topic else rule.group
    for other in reference.rules.matching(rule.topic, group, rule.municipality, rule.role):
        if other.order >= rule.order:
            return None
        if other.id not in dead and _always_decides(other, reference) and _covers_days(other, rule):
            return other.id
    return None


def _always_decides(rule: CompetenceRule, reference: RegionReference) -> bool:
    return reference.organisation_in_use(rule.organisation_id) is not None


def _covers_days(outer: CompetenceRule, inner: CompetenceRule) -> bool:
    begins = outer.valid_from is None or (
        inner.valid_from is not None and outer.valid_from <= inner.valid_from
    )
    ends = outer.valid_to is None or (inner.valid_to is not None and inner.valid_to <= outer.valid_to)
    return begins and ends and _season(inner) <= _season(outer)


def _season(rule: CompetenceRule) -> frozenset[str]:
    return season_days(rule.season_from, rule.season_to)


def find_conflicts(reference: RegionReference, dead: AbstractSet[UUID]) -> list[tuple[UUID, UUID]]:
    """Pairs of living lead rules that name different organisations for the same subject on a same day, with nothing but their age
    to choose between them; the one that decides first."""
    return [
        (first.id, second.id)
        for equals in reference.rules.by_key.values()
        for first, second in combinations(equals, 2)
        if first.role == "lead" and dead.isdisjoint((first.id, second.id)) and _contradict(first, second)
    ]


def _contradict(first: CompetenceRule, second: CompetenceRule) -> bool:
    receivers = {(rule.organisation_id, rule.service) for rule in (first, second)}
    return first.rank == second.rank and len(receivers) > 1 and _share_a_day(first, second)


def _share_a_day(first: CompetenceRule, second: CompetenceRule) -> bool:
    begins = max(rule.valid_from or date.min for rule in (first, second))
    ends = min(rule.valid_to or date.max for rule in (first, second))
    return begins < ends and bool(_season(first) & _season(second))
