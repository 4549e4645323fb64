"""A region's reference data in memory, renewed when its version has moved, and what else every session carries along."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, rows, scalar
from chassis.principals import Principal
from chassis.problems import Forbidden
from services.routing.classifier.protocol import Classifier
from services.routing.reference.queries.models import ModelCache, ModelInUse
from services.routing.reference.rules.competence import CompetenceRule, KnownOrganisation
from services.routing.reference.rules.region_reference import (
    KnownTopic,
    RegionModels,
    RegionReference,
    make_reference,
)
from services.routing.reference.rules.region_settings import RegionSettings
from services.routing.reference.rules.settlements import Settlement, SettlementDirectory, make_directory
from services.routing.reference.rules.works import (
    KNOWN_DAYS_AFTER_END,
    StatedWork,
    WorkIndex,
    index_works,
    know_work,
)

SELECT_TOPICS = """
SELECT t.region, t.code, t.name, t.group_code AS "group", coalesce(g.name, t.group_code) AS group_name,
    t.active, t.version
FROM routing.topic t LEFT JOIN routing.topic_group g ON g.region = t.region AND g.code = t.group_code
"""
_TOPICS = f"{SELECT_TOPICS} WHERE t.region = :region"
_GROUPS = "SELECT code FROM routing.topic_group WHERE region = :region"
_ORGANISATIONS = """
SELECT id, name, kind, parent_id, active, municipality FROM routing.organisation WHERE region = :region
"""
_MUNICIPALITIES = "SELECT oktmo, name, stems FROM routing.municipality WHERE region = :region"
_SETTLEMENTS = """
SELECT code, name, kind, municipality, formation, lat, lon, population, aliases, namesakes
FROM routing.settlement WHERE region = :region ORDER BY code
"""
_STREETS = "SELECT settlement, name FROM routing.street WHERE region = :region"
_RULES = """
SELECT id, organisation_id, topic, group_code AS "group", municipality, role, comment, position, valid_from, valid_to,
    season_from, season_to, service
FROM routing.rule WHERE region = :region AND active
"""
_SETTINGS = "SELECT settings FROM routing.setting WHERE region = :region"
_VERSIONS = "SELECT region, version FROM routing.reference_version WHERE region = ANY(:regions::text[])"
_MODELS = """
SELECT (SELECT id FROM routing.model WHERE region = :region AND status = 'current') AS current,
    (SELECT id FROM routing.model WHERE region = :region AND status = 'shadow') AS shadow
"""
_WORKS = """
SELECT id, organisation_id, title, kind, topics, municipality, settlement, streets, area, starts_at, ends_at
FROM routing.planned_work WHERE region = :region AND ends_at > now() - make_interval(days => :days::int) AND NOT ended
"""
_REGION_OF = "SELECT region FROM routing.organisation WHERE id = :id"


@dataclass(frozen=True, slots=True)
class _Version:
    region: str
    version: int


@dataclass(frozen=True, slots=True)
class _Municipality:
    oktmo: str
    name: str
    stems: list[str]


@dataclass(frozen=True, slots=True)
class _Street:
    settlement: str
    name: str


# Of a region whose reference data nobody has changed yet, and of data that is read for one use and never kept.
UNVERSIONED = 0


class ReferenceCache:
    """The reference data of all regions this process has met.

    Not for a transaction that changes reference data itself: what it undoes would stay in memory.
    """

    def __init__(self) -> None:
        self._known: dict[str, RegionReference] = {}
        self._regions: dict[UUID, str] = {}

    async def read(self, session: AsyncSession, regions: Iterable[str]) -> dict[str, RegionReference]:
        """Of the regions, each at least as new as this call."""
        versions = dict.fromkeys(sorted(set(regions)), UNVERSIONED)
        stored = await rows(session, _Version, _VERSIONS, regions=list(versions))
        return await self.at_versions(session, versions | {each.region: each.version for each in stored})

    async def at_versions(
        self, session: AsyncSession, versions: Mapping[str, int]
    ) -> dict[str, RegionReference]:
        """The same where the versions have been read already, with whatever the data is needed for."""
        for region, version in versions.items():
            known = self._known.get(region)
            if known is None or known.version != version:
                self._known[region] = await load_region_reference(session, region, version)
        return {region: self._known[region] for region in versions}

    async def region_of(self, session: AsyncSession, organisation_id: UUID) -> str | None:
        """The region of an organisation; it never changes."""
        known = self._regions.get(organisation_id)
        if known is not None:
            return known
        found = await scalar(session, str, _REGION_OF, id=organisation_id)
        if found is not None:
            self._regions[organisation_id] = found
        return found


async def load_region_reference(
    session: AsyncSession, region: str, version: int = UNVERSIONED
) -> RegionReference:
    """Read a region's reference data from its tables."""
    settings = await scalar(session, dict, _SETTINGS, region=region)
    (models,) = await rows(session, RegionModels, _MODELS, region=region)
    municipalities = await rows(session, _Municipality, _MUNICIPALITIES, region=region)
    reference = make_reference(
        region,
        version,
        topics=await rows(session, KnownTopic, _TOPICS, region=region),
        groups=await column(session, str, _GROUPS, region=region),
        organisations=await rows(session, KnownOrganisation, _ORGANISATIONS, region=region),
        stems=[(each.oktmo, each.stems) for each in municipalities],
        rules=await rows(session, CompetenceRule, _RULES, region=region),
        settings=RegionSettings(**settings or {}),
        models=models,
        place_names={each.oktmo: each.name for each in municipalities},
        directory=await _load_directory(session, region, municipalities),
    )
    return replace(reference, works=await _load_works(session, reference))


async def _load_works(session: AsyncSession, reference: RegionReference) -> WorkIndex:
    """Those that run, will run, or are over so lately that appeals of their time may still come."""
    stated = await rows(session, StatedWork, _WORKS, region=reference.region, days=KNOWN_DAYS_AFTER_END)
    topics = {each.code: (each.name, each.group) for each in reference.topics.values()}
    return await asyncio.to_thread(
        lambda: index_works(know_work(each, topics, reference.directory) for each in stated)
    )


async def _load_directory(
    session: AsyncSession, region: str, municipalities: Sequence[_Municipality]
) -> SettlementDirectory:
    """Indexed in a thread: thousands of names take a moment, in which the event loop has to answer."""
    settlements = await rows(session, Settlement, _SETTLEMENTS, region=region)
    streets = await rows(session, _Street, _STREETS, region=region)
    return await asyncio.to_thread(
        make_directory,
        settlements,
        [(each.settlement, each.name) for each in streets],
        [(each.oktmo, each.name) for each in municipalities],
    )


@dataclass
class RoutingContext:
    """What every session of this process carries along, in `session.info["routing"]` (see `main`).

    `classifier`: the shipped model. `audit_key`: by which decisions are drawn for audit.
    """

    classifier: Classifier
    references: ReferenceCache = field(default_factory=ReferenceCache)
    models: ModelCache = field(default_factory=ModelCache)
    audit_key: bytes = b""


def _context_of(session: AsyncSession) -> RoutingContext:
    context = session.info["routing"]
    assert isinstance(context, RoutingContext)
    return context


def references_of(session: AsyncSession) -> ReferenceCache:
    """The regions' reference data."""
    return _context_of(session).references


async def classifier_of(session: AsyncSession, reference: RegionReference) -> ModelInUse:
    """The model that decides for a region."""
    context = _context_of(session)
    return await context.models.find(session, reference) or ModelInUse(None, context.classifier)


async def shadow_of(session: AsyncSession, reference: RegionReference) -> ModelInUse | None:
    """The model that runs in shadow in a region, if there is one and it can be loaded."""
    model_id = reference.models.shadow
    if model_id is None:
        return None
    loaded = await _context_of(session).models.load(session, reference.region, model_id)
    return ModelInUse(model_id, loaded) if loaded is not None else None


def audit_key_of(session: AsyncSession) -> bytes:
    """By which decisions are drawn for audit."""
    return _context_of(session).audit_key


async def read_reference(session: AsyncSession, region: str) -> RegionReference:
    """The reference data of one region."""
    return (await references_of(session).read(session, [region]))[region]


async def own_region(session: AsyncSession, principal: Principal) -> str:
    """The region of the token's organisation; "" when it is in no reference data. 403 without an organisation."""
    region = await references_of(session).region_of(session, principal.organisation)
    if region is None:
        return ""
    if not principal.may_see(region):
        raise Forbidden("Your organisation is in a region outside your scope.")
    return region
