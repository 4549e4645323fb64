"""A region's reference data as the decisions read it: topics, bodies, municipalities, rules, settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from uuid import UUID, uuid5

from chassis.normal import fold
from services.routing.reference.rules.competence import Body, Rule, RuleBook, make_rule_book
from services.routing.reference.rules.territory import Gazetteer, make_gazetteer

# Ids follow from region and code, so that a rebuilt region has the ids its clients were made for.
_ORGANISATIONS = UUID("6f1d7a52-5c0b-5e5e-9a37-0c1b2f4e8d46")
_TOPICS = UUID("0b9a4c1e-7d2f-5a86-8e51-3f6c9d2b7a10")


def organisation_id_of(region: str, code: str) -> UUID:
    """UUIDv5 of a body's code."""
    return uuid5(_ORGANISATIONS, f"{region}/{code}")


def topic_id_of(region: str, code: str) -> UUID:
    """UUIDv5 of a topic's code: the aggregate id of its events."""
    return uuid5(_TOPICS, f"{region}/{code}")


@dataclass(frozen=True)
class Topic:
    """A topic with its group."""

    code: str
    name: str
    group: str
    group_name: str
    active: bool = True


@dataclass(frozen=True)
class RegionSettings:
    """`auto_route_threshold`: confidence (0..1) below which a person decides; leases in seconds."""

    auto_route_threshold: float = 0.30
    hop_limit: int = 3
    lease_seconds: int = 300


@dataclass(frozen=True)
class RegionBook:
    """Everything routing knows of a region at one version of its reference data."""

    region: str
    version: int = 0
    topics: Mapping[str, Topic] = field(default_factory=dict)
    codes_by_name: Mapping[str, str] = field(default_factory=dict)
    retired_by_name: Mapping[str, str] = field(default_factory=dict)
    groups: frozenset[str] = frozenset()
    bodies: Mapping[UUID, Body] = field(default_factory=dict)
    bodies_by_name: Mapping[str, UUID] = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    rules: RuleBook = field(default_factory=RuleBook)
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    settings: RegionSettings = field(default_factory=RegionSettings)

    def topic_in_use(self, code: str | None) -> Topic | None:
        """An active topic by its code."""
        topic = self.topics.get(code) if code else None
        return topic if topic is not None and topic.active else None

    def code_of(self, name: str) -> str | None:
        """The code of an active topic by its name, whatever its case and spaces."""
        return self.codes_by_name.get(plain_name(name))

    def topic_called(self, name: str) -> str | None:
        """The code of a topic by its code or name (also the one it was imported under), in use or not; of equal names
        the one in use."""
        plain = plain_name(name)
        found = self.codes_by_name.get(plain) or self.retired_by_name.get(plain)
        codes = (name, found, archive_code(name))
        return next((code for code in codes if code in self.topics), None)

    def body_called(self, name: str) -> UUID | None:
        """A body by its id, code or name (also the one it was imported under), in use or not; of equal names the one in
        use."""
        ids = (
            _read_id(name),
            organisation_id_of(self.region, name),
            self.bodies_by_name.get(plain_name(name)),
            organisation_id_of(self.region, archive_code(name)),
        )
        return next((id for id in ids if id in self.bodies), None)

    def body_in_use(self, organisation_id: UUID | None) -> Body | None:
        """An active body that may execute; the coordinating centre never does."""
        body = self.bodies.get(organisation_id) if organisation_id else None
        return body if body is not None and body.active and body.kind != "coordinator" else None

    def place_of(self, municipality: str | None) -> str | None:
        """The known territory an ОКТМО lies in: itself, its municipality (8 digits) or its district."""
        if not municipality:
            return None
        for candidate in (municipality, municipality[:8], municipality[:5] + "000"):
            if candidate in self.places:
                return candidate
        return None


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def archive_code(name: str) -> str:
    """The code of something that past cases know by its name only; equal names, equal codes."""
    return f"past-{sha256(plain_name(name).encode()).hexdigest()[:12]}"


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name for comparison, in the normal form of texts."""
    return fold(name).strip()


def make_book(
    region: str,
    version: int,
    *,
    topics: Iterable[Topic],
    groups: Iterable[str],
    bodies: Iterable[Body],
    stems: Sequence[tuple[str, Sequence[str]]],
    rules: Sequence[Rule],
    settings: RegionSettings,
) -> RegionBook:
    """Index a region's reference data; `stems`: (ОКТМО, stems of its names)."""
    by_code = {topic.code: topic for topic in topics}
    by_id = {body.id: body for body in bodies}
    return RegionBook(
        region,
        version,
        topics=by_code,
        codes_by_name={plain_name(t.name): t.code for t in by_code.values() if t.active},
        retired_by_name={plain_name(t.name): t.code for t in by_code.values() if not t.active},
        groups=frozenset(groups),
        bodies=by_id,
        bodies_by_name={
            plain_name(body.name): body.id for body in sorted(by_id.values(), key=lambda body: body.active)
        },
        places=frozenset(oktmo for oktmo, _ in stems) | {r.municipality for r in rules if r.municipality},
        rules=make_rule_book(rules),
        gazetteer=make_gazetteer(stems),
        settings=settings,
    )
