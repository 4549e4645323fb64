"""Which incidents reports belong to: connected components of the relation, and what follows them. Pure.

A group is an incident, or a component that is none yet; it is called by its id. An incident that a person has touched only
grows: it swallows groups that come close, and never another touched one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from services.routing.incidents.rules.closeness import CLOSE, NEAR, Link, similarity

# So many reports that are close to each other are an incident; two might be neighbours who talked.
LEAST: Final = 3


@dataclass(frozen=True, slots=True)
class Group:
    """`size`: its close reports; `started_at`: None for a component that is no incident."""

    id: UUID
    size: int = 1
    started_at: datetime | None = None
    is_touched: bool = False

    @property
    def is_incident(self) -> bool:
        """Whether it is one already."""
        return self.started_at is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a report stands: in which group it is close to others, or alone (`group`), and which incident it follows
    (`followed`) and how surely. `is_kept`: whatever rules say, it stays where it is, and nobody joins through it."""

    id: UUID
    group: UUID
    followed: UUID | None = None
    similarity: float = 0.0
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What changes. `moved`: group → the one that it is now part of; `begun`: groups that are incidents from now on."""

    moved: dict[UUID, UUID] = field(default_factory=dict)
    begun: set[UUID] = field(default_factory=set)

    def now(self, group: UUID) -> UUID:
        """The group that it is now."""
        return self.moved.get(group, group)

    def is_incident(self, groups: Mapping[UUID, Group], group: UUID) -> bool:
        """Whether a group is, or is now part of, an incident."""
        now = self.now(group)
        return now in self.begun or groups[now].is_incident

    def has_become_an_incident(self, groups: Mapping[UUID, Group], group: UUID) -> bool:
        """Whether it is one, or part of one, and was not before."""
        return not groups[group].is_incident and self.is_incident(groups, group)


@dataclass(frozen=True, slots=True)
class Following:
    """A report that stands alone, and the incident that it comes nearest to."""

    id: UUID
    incident: UUID
    similarity: float


class _Sets:
    """Groups that have come together: every set has a first one, by which it is known."""

    def __init__(self, groups: Mapping[UUID, Group]) -> None:
        self._parent: dict[UUID, UUID] = {id: id for id in groups}
        self._touched = {id: id for id, group in groups.items() if group.is_touched}

    def find(self, id: UUID) -> UUID:
        """The first of its set."""
        while self._parent[id] != id:
            self._parent[id] = self._parent[self._parent[id]]
            id = self._parent[id]
        return id

    def join(self, one: UUID, other: UUID) -> None:
        """Make two sets one, unless each has an incident that a person has touched."""
        first, second = self.find(one), self.find(other)
        if first == second or (first in self._touched and second in self._touched):
            return
        if second in self._touched:
            first, second = second, first
        self._parent[second] = first


def regroup(groups: Mapping[UUID, Group], standings: Sequence[Standing], links: Iterable[Link]) -> Regrouped:
    """Join what is close. Links are between `standings`, by their places."""
    sets = _Sets(groups)
    close = [link for link in links if link.score >= CLOSE]
    for link in sorted(close, key=lambda each: (-each.score, each.one, each.other)):
        one, other = standings[link.one], standings[link.other]
        if not one.is_kept and not other.is_kept:
            sets.join(one.group, other.group)
    together: dict[UUID, list[Group]] = defaultdict(list)
    for id, group in groups.items():
        together[sets.find(id)].append(group)
    regrouped = Regrouped()
    for members in together.values():
        if len(members) > 1:
            _settle(members, regrouped)
    return regrouped


def _settle(members: Sequence[Group], regrouped: Regrouped) -> None:
    """The touched incident stays, or the earliest, or the component with the smallest id."""
    kept = min(members, key=_precedence)
    if not kept.is_incident and sum(each.size for each in members) >= LEAST:
        regrouped.begun.add(kept.id)
    for each in members:
        if each.id != kept.id:
            regrouped.moved[each.id] = kept.id


def _precedence(group: Group) -> tuple[bool, bool, datetime | None, UUID]:
    return not group.is_touched, not group.is_incident, group.started_at, group.id


def follow(
    groups: Mapping[UUID, Group],
    regrouped: Regrouped,
    standings: Sequence[Standing],
    links: Iterable[Link],
) -> list[Following]:
    """Reports that stand alone, each with the incident of the report it is nearest to, where that is nearer than what it
    has followed so far."""
    incidents = {id for id in groups if regrouped.is_incident(groups, id)}
    best: dict[int, tuple[float, UUID, UUID]] = {}
    for link in links:
        if link.score < NEAR:
            continue
        for alone, near in ((link.one, link.other), (link.other, link.one)):
            one, other = standings[alone], standings[near]
            if one.is_kept or other.is_kept or one.group in incidents:
                continue
            if other.group in incidents:
                found = link.score, other.id, regrouped.now(other.group)
                best[alone] = max(best.get(alone, found), found)
    return [
        Following(standings[place].id, incident, sure)
        for place, (score, _, incident) in sorted(best.items())
        if (sure := similarity(score)) > standings[place].similarity or not standings[place].followed
    ]
