"""A region's reference data as the decisions read it: topics, organisations, municipalities, rules, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Literal
from uuid import UUID, uuid5

from chassis.normal import fold
from contracts.routing import OrganisationName, TopicName
from services.routing.reference.rules.competence import (
    Choice,
    CompetenceRule,
    KnownOrganisation,
    RuleIndex,
    choose_co_executors,
    choose_lead,
    index_rules,
)
from services.routing.reference.rules.territory import Gazetteer, make_gazetteer

# Ids follow from region and code, so that a rebuilt region has the ids its clients were made for.
_ORGANISATIONS = UUID("6f1d7a52-5c0b-5e5e-9a37-0c1b2f4e8d46")
_TOPICS = UUID("0b9a4c1e-7d2f-5a86-8e51-3f6c9d2b7a10")


def organisation_id_of(region: str, code: str) -> UUID:
    """UUIDv5 of an organisation's code."""
    return uuid5(_ORGANISATIONS, f"{region}/{code}")


def topic_id_of(region: str, code: str) -> UUID:
    """UUIDv5 of a topic's code: the aggregate id of its events."""
    return uuid5(_TOPICS, f"{region}/{code}")


@dataclass(frozen=True, slots=True)
class KnownTopic:
    """A topic with its group."""

    code: str
    name: str
    group: str
    group_name: str
    active: bool = True


ReviewMode = Literal["none", "sample", "risk", "all"]
SecondSignature = Literal["none", "statutory", "all"]


@dataclass(frozen=True)
class RegionSettings:
    """`auto_route_threshold`: confidence (0..1) below which a person decides; leases in seconds; `review_share`: of
    answers that are reviewed in mode `sample` (0..1)."""

    auto_route_threshold: float = 0.30
    hop_limit: int = 3
    lease_seconds: int = 300
    review_mode: ReviewMode = "none"
    review_share: float = 0.1
    second_signature: SecondSignature = "none"


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
    rules: RuleIndex = field(default_factory=RuleIndex)
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    settings: RegionSettings = field(default_factory=RegionSettings)

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
        candidates = (municipality, municipality[:8], municipality[:5] + "000")
        return next((place for place in candidates if place in self.places), None)

    def choose_lead(
        self, topic: str | None, municipality: str | None, complained_about: UUID | None
    ) -> Choice:
        """The competent lead organisation."""
        known = self.topic(topic)
        return choose_lead(
            self.rules,
            self.organisations,
            topic=topic,
            group=known.group if known else None,
            municipality=self.place_of(municipality),
            complained_about=complained_about,
        )

    def choose_co_executors(
        self, topic: str | None, municipality: str | None, complained_about: UUID | None, lead: UUID
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
        )
        return tuple({rule.organisation_id: rule for rule in reversed(rules)}.values())[::-1]


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def legacy_code(name: str) -> str:
    """The code of something that legacy cases know by its name only; equal names, equal codes."""
    return f"past-{sha256(plain_name(name).encode()).hexdigest()[:12]}"


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name for comparison, in the normal form of texts."""
    return fold(name).strip()


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
) -> RegionReference:
    """Index a region's reference data; `stems`: (ОКТМО, stems of its names)."""
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
        rules=index_rules(rules),
        gazetteer=make_gazetteer(stems),
        settings=settings,
    )
