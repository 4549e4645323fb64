"""A region's reference data in memory, renewed when its version has moved, and what else every session carries along."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, rows, scalar
from chassis.principals import Principal
from chassis.problems import Forbidden
from services.routing.classifier.protocol import Classifier
from services.routing.reference.rules.competence import CompetenceRule, KnownOrganisation
from services.routing.reference.rules.region_reference import (
    KnownTopic,
    RegionReference,
    RegionSettings,
    make_reference,
)

SELECT_TOPICS = """
SELECT t.region, t.code, t.name, t.group_code AS "group", coalesce(g.name, t.group_code) AS group_name,
    t.active, t.version
FROM routing.topic t LEFT JOIN routing.topic_group g ON g.region = t.region AND g.code = t.group_code
"""
_TOPICS = f"{SELECT_TOPICS} WHERE t.region = :region"
_GROUPS = "SELECT code FROM routing.topic_group WHERE region = :region"
_ORGANISATIONS = "SELECT id, name, kind, parent_id, active FROM routing.organisation WHERE region = :region"
_STEMS = "SELECT oktmo, name, stems FROM routing.municipality WHERE region = :region"
_RULES = """
SELECT id, organisation_id, topic, group_code AS "group", municipality, role, comment, position, valid_from, valid_to,
    season_from, season_to, service
FROM routing.rule WHERE region = :region AND active
"""
_SETTINGS = "SELECT settings FROM routing.setting WHERE region = :region"
_VERSIONS = "SELECT region, version FROM routing.reference_version WHERE region = ANY(:regions::text[])"
_REGION_OF = "SELECT region FROM routing.organisation WHERE id = :id"


@dataclass(frozen=True, slots=True)
class _Version:
    region: str
    version: int


@dataclass(frozen=True, slots=True)
class _Stems:
    oktmo: str
    name: str
    stems: list[str]


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
    stems = await rows(session, _Stems, _STEMS, region=region)
    return make_reference(
        region,
        version,
        topics=await rows(session, KnownTopic, _TOPICS, region=region),
        groups=await column(session, str, _GROUPS, region=region),
        organisations=await rows(session, KnownOrganisation, _ORGANISATIONS, region=region),
        stems=[(each.oktmo, each.stems) for each in stems],
        rules=await rows(session, CompetenceRule, _RULES, region=region),
        settings=RegionSettings(**settings or {}),
        place_names={each.oktmo: each.name for each in stems},
    )


@dataclass
class RoutingContext:
    """What every session of this process carries along, in `session.info["routing"]` (see `main`)."""

    classifier: Classifier
    references: ReferenceCache = field(default_factory=ReferenceCache)


def _context_of(session: AsyncSession) -> RoutingContext:
    context = session.info["routing"]
    assert isinstance(context, RoutingContext)
    return context


def references_of(session: AsyncSession) -> ReferenceCache:
    """The regions' reference data."""
    return _context_of(session).references


def classifier_of(session: AsyncSession) -> Classifier:
    """The model in use."""
    return _context_of(session).classifier


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
