"""The region as the story needs it: its topics, bodies, places and who is competent, from its own reference data."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from otklik_client.models import (
    ExportedOrganisation,
    ExportedReference,
    ExportedRule,
    ExportedTopic,
)

RURAL: Final = 3_000  # residents outside the settlements that the directory lists
DISTRICT_DIGITS: Final = 5  # of ОКТМО: a town of a district shares them with it


@dataclass(frozen=True)
class Town:
    """A settlement with its streets; `weight`: residents, at least a hundred."""

    name: str
    kind: str
    streets: tuple[str, ...]
    lat: float | None
    lon: float | None
    weight: int


@dataclass(frozen=True)
class District:
    """A municipality; `weight`: residents of the settlements that are listed, and of the country around."""

    oktmo: str
    name: str
    towns: tuple[Town, ...]
    weight: int


@dataclass(frozen=True)
class Region:
    """What the story takes place in; `districts`: the largest first."""

    code: str
    topics: Mapping[str, ExportedTopic]
    districts: tuple[District, ...]
    organisations: Mapping[str, ExportedOrganisation]
    rules: Sequence[ExportedRule] = field(repr=False)

    def lead(self, topic: str, oktmo: str) -> str | None:
        """Code of the body that answers for a topic in a place, None where no rule names one.

        The most specific rule wins, as in routing: of the topic before the group, of the town before the district before
        the whole region.
        """
        group = self.topics[topic].group
        places = (oktmo, f"{oktmo[:DISTRICT_DIGITS]}000", None)
        keys = ((what, where) for what in (topic, group) for where in places)
        return next((self._leads[key] for key in keys if key in self._leads), None)

    @cached_property
    def _leads(self) -> Mapping[tuple[str, str | None], str]:
        """(topic or group, place) → body."""
        return {
            (rule.topic or rule.group or "", rule.municipality): rule.organisation
            for rule in reversed(self.rules)
            if rule.role in (None, "lead") and not rule.service and not rule.season_from
        }


def read_region(code: str, data: ExportedReference) -> Region:
    """What is out of use takes no part."""
    towns = _towns_of(data)
    districts = [
        District(each.oktmo, each.name, tuple(found), RURAL + sum(town.weight for town in found))
        for each in data.municipalities
        if (found := towns.get(each.oktmo))
    ]
    return Region(
        code,
        {topic.code: topic for topic in data.topics if topic.active},
        tuple(sorted(districts, key=lambda each: (-each.weight, each.oktmo))),
        {each.code: each for each in data.organisations if each.active},
        data.rules,
    )


def _towns_of(data: ExportedReference) -> Mapping[str, list[Town]]:
    streets: Mapping[str, list[str]] = _grouped((street.settlement, street.name) for street in data.streets)
    towns: dict[str, list[Town]] = defaultdict(list)
    for each in data.settlements:
        town = Town(
            each.name,
            each.kind or "",
            tuple(streets.get(each.code, ())),
            each.lat,
            each.lon,
            max(each.population or 0, 100),
        )
        towns[each.municipality].append(town)
    return towns


def _grouped(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return found
