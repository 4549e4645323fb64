"""A region's reference data as the decisions read it: topics, organisations, municipalities, rules, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from uuid import UUID

from contracts.routing import OrganisationName, TopicName
from services.routing.reference.rules.aliases import Aliases, make_aliases
from services.routing.reference.rules.codes import legacy_code, organisation_id_of, plain_name
from services.routing.reference.rules.competence import (
    Choice,
    CompetenceRule,
    KnownOrganisation,
    RuleIndex,
    choose_co_executors,
    choose_lead,
    index_rules,
    levels_of,
    named_by,
)
from services.routing.reference.rules.houses import Served
from services.routing.reference.rules.region_settings import RegionSettings
from services.routing.reference.rules.settlements import SettlementDirectory
from services.routing.reference.rules.territory import Gazetteer, make_gazetteer, places_around
from services.routing.reference.rules.works import NO_WORKS, WorkIndex


@dataclass(frozen=True, slots=True)
class KnownTopic:
    """A topic with its group."""

    code: str
    name: str
    group: str
    group_name: str
    active: bool = True


@dataclass(frozen=True)
class RegionModels:
    """Ids of the models of a region: the one that decides (None: the shipped one), and the one that runs in shadow."""

    current: UUID | None = None
    shadow: UUID | None = None


_NO_MODELS = RegionModels()
_MOST_NAMED = 20_000  # a topic, a place and, where rules have days, a day each


@dataclass(frozen=True)
class RegionReference:
    """Everything routing knows of a region at one version of its reference data."""

    region: str
    version: int = 0
    topics: Mapping[str, KnownTopic] = field(default_factory=dict)
    codes_by_name: Mapping[str, str] = field(default_factory=dict)
    retired_by_name: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    organisations: Mapping[UUID, KnownOrganisation] = field(default_factory=dict)
    organisations_by_name: Mapping[str, UUID] = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    place_names: Mapping[str, str] = field(default_factory=dict)
    rules: RuleIndex = field(default_factory=RuleIndex)
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    directory: SettlementDirectory = field(default_factory=SettlementDirectory)
    settings: RegionSettings = field(default_factory=RegionSettings)
    models: RegionModels = field(default_factory=RegionModels)
    works: WorkIndex = NO_WORKS

    @cached_property
    def levels(self) -> Mapping[UUID, UUID]:
        """Organisation → the level of government it belongs to, named by its topmost organisation."""
        return levels_of(self.organisations)

    @cached_property
    def names_of_levels(self) -> dict[str, str]:
        """Name of each organisation → the name of the topmost one of its level."""
        known = self.organisations
        return {
            each.name: known[self.levels[each.id]].name
            for each in known.values()
            if self.levels[each.id] in known
        }

    def topic(self, code: str | None) -> KnownTopic | None:
        """A topic by its code, in use or not."""
        return self.topics.get(code) if code else None

    def topic_in_use(self, code: str | None) -> KnownTopic | None:
        """An active topic by its code."""
        topic = self.topic(code)
        return topic if topic is not None and topic.active else None

    def code_of(self, name: str) -> str | None:
        """The code of an active topic by its name, whatever its case and spaces."""
        return self.codes_by_name.get(plain_name(name))

    def topic_called(self, name: str) -> str | None:
        """The code of a topic by its code or name (also the one it was imported under), in use or not; of equal names
        the one in use."""
        plain = plain_name(name)
        found = self.codes_by_name.get(plain) or self.retired_by_name.get(plain)
        codes = (name, found, legacy_code(name))
        return next((code for code in codes if code in self.topics), None)

    def organisation_called(self, name: str) -> UUID | None:
        """An organisation by its id, code or name (also the one it was imported under), in use or not; of equal names
        the one in use."""
        ids = (
            _read_id(name),
            organisation_id_of(self.region, name),
            self.organisations_by_name.get(plain_name(name)),
            organisation_id_of(self.region, legacy_code(name)),
        )
        return next((id for id in ids if id in self.organisations), None)

    def organisation_in_use(self, organisation_id: UUID | None) -> KnownOrganisation | None:
        """An active organisation that may execute."""
        known = self.organisations.get(organisation_id) if organisation_id else None
        return known if known is not None and known.may_execute else None

    def organisation_name(self, organisation_id: UUID | None) -> OrganisationName | None:
        """An organisation as events name it; one that is not here keeps its id."""
        if organisation_id is None:
            return None
        known = self.organisations.get(organisation_id)
        return OrganisationName(id=organisation_id, name=known.name if known else "")

    def topic_name(self, code: str | None) -> TopicName | None:
        """A topic as events name it."""
        topic = self.topic(code)
        if topic is None:
            return None
        return TopicName(code=topic.code, name=topic.name, group=topic.group, group_name=topic.group_name)

    def place_of(self, municipality: str | None) -> str | None:
        """The known territory an ОКТМО lies in: itself, its municipality (8 digits) or its district."""
        if not municipality:
            return None
        return next((place for place in places_around(municipality) if place in self.places), None)

    def asks_for_house(self, topic: str | None) -> bool:
        """Whether it matters for a topic who serves the house."""
        known = self.topic(topic)
        return self.rules.asks_for_houses(topic, known.group if known else None)

    def choose_lead(
        self,
        topic: str | None,
        municipality: str | None,
        complained_about: UUID | None,
        *,
        on: date | None = None,
        house: Served | None = None,
    ) -> Choice:
        """The competent lead organisation. `on`: the local day that dated rules are asked for, without which only those
        that always hold decide; `house`: who serves it, which counts where the municipality is known."""
        known = self.topic(topic)
        return choose_lead(
            self.rules,
            self.organisations,
            topic=topic,
            group=known.group if known else None,
            municipality=self.place_of(municipality),
            complained_about=complained_about,
            on=on,
            house=house.within(municipality) if house else None,
        )

    @cached_property
    def aliases(self) -> Aliases:
        """Active organisations by the words of their names."""
        return make_aliases(each for each in self.organisations.values() if each.active)

    @cached_property
    def _named(self) -> dict[tuple[str | None, str | None, date | None], tuple[UUID | None, ...]]:
        return {}

    def named_by_rules(
        self,
        topic: str | None,
        municipality: str | None,
        on: date | None = None,
        house: Served | None = None,
    ) -> tuple[UUID | None, ...]:
        """Every active organisation that a rule in force on a day names for a topic, place and house: leads before helpers,
        the rule that is tried first at the front. None for a rule that names several alike, among which a person chooses.
        What does not depend on the house is looked up once."""
        key = (topic, self.place_of(municipality), on if self.rules.dated else None)
        served = house.within(municipality) if house and self.asks_for_house(topic) else None
        if served is not None:
            return self._find_named(*key, served)
        found = self._named.get(key)
        if found is None:
            if len(self._named) >= _MOST_NAMED:
                self._named.clear()
            found = self._named[key] = self._find_named(*key)
        return found

    def _find_named(
        self, topic: str | None, place: str | None, on: date | None, house: Served | None = None
    ) -> tuple[UUID | None, ...]:
        known = self.topic(topic)
        group = known.group if known else None
        named = (
            named_by(rule, house, self.organisations)
            for role in ("lead", "co_executor")
            for rule in self.rules.candidates(topic, group, place, role, on)
        )
        return tuple(dict.fromkeys(each[0] if len(each) == 1 else None for each in named if each))

    def choose_co_executors(
        self,
        topic: str | None,
        municipality: str | None,
        complained_about: UUID | None,
        lead: UUID,
        *,
        on: date | None = None,
        house: Served | None = None,
    ) -> tuple[CompetenceRule, ...]:
        """The helping organisations, each by the first rule that names it."""
        known = self.topic(topic)
        rules = choose_co_executors(
            self.rules,
            self.organisations,
            topic=topic,
            group=known.group if known else None,
            municipality=self.place_of(municipality),
            lead=lead,
            complained_about=complained_about,
            on=on,
            house=house.within(municipality) if house else None,
        )
        return tuple({rule.organisation_id: rule for rule in reversed(rules)}.values())[::-1]


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def make_reference(
    region: str,
    version: int,
    *,
    topics: Iterable[KnownTopic],
    groups: Iterable[str],
    organisations: Iterable[KnownOrganisation],
    stems: Sequence[tuple[str, Sequence[str]]],
    rules: Sequence[CompetenceRule],
    settings: RegionSettings,
    models: RegionModels = _NO_MODELS,
    directory: SettlementDirectory | None = None,
    place_names: Mapping[str, str] | None = None,
) -> RegionReference:
    """Index a region's reference data; `stems`: (ОКТМО, stems of its names); `place_names`: ОКТМО → name."""
    by_code = {topic.code: topic for topic in topics}
    by_id = {organisation.id: organisation for organisation in organisations}
    retired_first = sorted(by_id.values(), key=lambda organisation: organisation.active)
    return RegionReference(
        region,
        version,
        topics=by_code,
        codes_by_name={plain_name(t.name): t.code for t in by_code.values() if t.active},
        retired_by_name={plain_name(t.name): t.code for t in by_code.values() if not t.active},
        groups=frozenset(groups),
        organisations=by_id,
        organisations_by_name={plain_name(each.name): each.id for each in retired_first},
        places=frozenset(oktmo for oktmo, _ in stems) | {r.municipality for r in rules if r.municipality},
        place_names=place_names or {},
        rules=index_rules(rules),
        gazetteer=make_gazetteer(stems),
        directory=directory or SettlementDirectory(),
        settings=settings,
        models=models,
    )
