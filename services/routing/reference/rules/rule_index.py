"""Competence rules, and how they are found: by what they name, in the order in which they are tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from services.routing.reference.rules.houses import Service
from services.routing.reference.rules.territory import places_around
from services.routing.reference.rules.validity import is_in_season, is_valid_on

RuleKey = tuple[str | None, str | None, str | None, str]  # topic, group, municipality, role
Subject = tuple[str | None, str | None]  # topic or group


@dataclass(frozen=True, slots=True)
class CompetenceRule:
    """Topic, group or neither × municipality or the whole region → an organisation.

    `position`: an explicit order, the smaller first; rules without one follow, the most specific first. Days are local
    ones of the region: `valid_from` inclusive, `valid_to` exclusive; seasons («MM-DD») include both ends and may go over
    New Year. `service`: the company that serves the house with it goes before the organisation.
    """

    id: UUID
    organisation_id: UUID
    topic: str | None = None
    group: str | None = None
    municipality: str | None = None
    role: str = "lead"
    comment: str = ""
    position: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    season_from: str | None = None
    season_to: str | None = None
    service: Service | None = None

    @property
    def specificity(self) -> tuple[int, int]:
        """Topic before group before any; then a town before its district before the whole region."""
        place = len(places_around(self.municipality)) if self.municipality else 0
        return (2 if self.topic else 1 if self.group else 0, place)

    @property
    def key(self) -> RuleKey:
        """What it is found by. A rule of a topic does not need its group to match."""
        return (self.topic, None if self.topic else self.group, self.municipality, self.role)

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """Rules are tried in ascending rank; those of one rank are equals, of which the older id goes first."""
        subject, place = self.specificity
        return (self.position is None, self.position or 0, -subject, -place)

    @property
    def order(self) -> tuple[tuple[bool, int, int, int], UUID]:
        """Rules are tried in ascending order: the same rules, the same choice."""
        return (self.rank, self.id)

    @property
    def is_dated(self) -> bool:
        """Whether the day matters."""
        return not (self.valid_from is None and self.valid_to is None and self.season_from is None)

    def applies_on(self, day: date | None) -> bool:
        """Whether it is in force; without a day only what always is."""
        if not self.is_dated:
            return True
        return (
            day is not None
            and is_valid_on(day, self.valid_from, self.valid_to)
            and is_in_season(day, self.season_from, self.season_to)
        )


@dataclass(frozen=True)
class RuleIndex:
    """The rules of a region by what they name. What no rule has costs nothing: `dated` are the keys of rules with days,
    `served` the topics and groups of rules with a service."""

    by_key: Mapping[RuleKey, Sequence[CompetenceRule]] = field(default_factory=dict)
    dated: frozenset[RuleKey] = frozenset()
    served: frozenset[Subject] = frozenset()
    has_positions: bool = False

    def candidates(
        self,
        topic: str | None,
        group: str | None,
        municipality: str | None,
        role: str,
        on: date | None = None,
    ) -> list[CompetenceRule]:
        """Matching rules in the order in which they are tried; `on`: the day, without which only what always holds."""
        found: list[CompetenceRule] = []
        for key in _keys(topic, group, municipality, role):
            rules = self.by_key.get(key, ())
            found += [rule for rule in rules if rule.applies_on(on)] if key in self.dated else rules
        return self._in_order(found)

    def matching(
        self, topic: str | None, group: str | None, municipality: str | None, role: str
    ) -> list[CompetenceRule]:
        """The same on whatever day."""
        keys = _keys(topic, group, municipality, role)
        return self._in_order([rule for key in keys for rule in self.by_key.get(key, ())])

    def asks_for_houses(self, topic: str | None, group: str | None) -> bool:
        """Whether a rule for this topic names whoever serves the house."""
        return not self.served.isdisjoint(_subjects(topic, group))

    def all(self) -> list[CompetenceRule]:
        """Every rule."""
        return [rule for rules in self.by_key.values() for rule in rules]

    def _in_order(self, found: list[CompetenceRule]) -> list[CompetenceRule]:
        if self.has_positions:
            found.sort(key=lambda rule: rule.order)
        return found


def _subjects(topic: str | None, group: str | None) -> list[Subject]:
    """The most specific first. Without a topic or group there is nothing more specific to look for."""
    named: list[Subject] = [(topic, None)] if topic else []
    if group:
        named.append((None, group))
    return [*named, (None, None)]


def _keys(topic: str | None, group: str | None, municipality: str | None, role: str) -> list[RuleKey]:
    """A district's rules are its towns', too."""
    places = (*places_around(municipality), None) if municipality else (None,)
    return [(*subject, place, role) for subject in _subjects(topic, group) for place in places]


def index_rules(rules: Iterable[CompetenceRule]) -> RuleIndex:
    """Index rules; among equals the older id goes first, so that the choice is stable."""
    index: dict[RuleKey, list[CompetenceRule]] = {}
    ordered = sorted(rules, key=lambda rule: rule.id)
    for rule in ordered:
        index.setdefault(rule.key, []).append(rule)
    return RuleIndex(
        index,
        dated=frozenset(rule.key for rule in ordered if rule.is_dated),
        served=frozenset(rule.key[:2] for rule in ordered if rule.service is not None),
        has_positions=any(rule.position is not None for rule in ordered),
    )
