"""Reports that wait to be matched, and those near to them that have been."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column, rows
from services.routing.assignments.rules.words import AssignmentWords, unpack_words
from services.routing.incidents.rules.grouping import Group, Standing
from services.routing.incidents.rules.reports import Report, Signs, make_report

# Reports of one event lie so near in time; the relation itself is stricter (see `rules.closeness.WINDOW_H`).
WINDOW: Final = timedelta(hours=48)
# Of the reports of one place those are compared that came last, so that a flood costs no more than that many each.
MOST_OF_A_PLACE: Final = 300
_WAITING = "SELECT DISTINCT region FROM routing.incident_report WHERE NOT matched ORDER BY region"
_NEW = """
SELECT r.assignment_id, r.received_at, a.packed, a.text, a.kind, a.status, a.topic, a.municipality, s.lat, s.lon
FROM (
    SELECT * FROM routing.incident_report WHERE region = :region AND NOT matched ORDER BY assignment_id LIMIT :limit
) r
JOIN routing.assignment a ON a.region = r.region AND a.id = r.assignment_id
LEFT JOIN routing.incident_sign s ON s.region = r.region AND s.assignment_id = r.assignment_id
ORDER BY r.assignment_id
"""
# Rows are looked up one by one, by their keys, whatever the planner believes of tables that have just been filled.
_NEAR = """
WITH found AS MATERIALIZED (
    SELECT DISTINCT f.assignment_id
    FROM unnest(:keys::bigint[], :first::timestamptz[], :last::timestamptz[]) AS k(key, first, last)
    CROSS JOIN LATERAL (
        SELECT n.assignment_id FROM routing.incident_key n
        WHERE n.region = :region AND n.key = k.key AND n.received_at BETWEEN k.first AND k.last
        ORDER BY n.received_at DESC LIMIT :limit
    ) f
)
SELECT s.*, r.incident_id, r.similarity, r.joined_by, i.touched
FROM found f
CROSS JOIN LATERAL (
    SELECT * FROM routing.incident_sign s WHERE s.region = :region AND s.assignment_id = f.assignment_id OFFSET 0
) s
CROSS JOIN LATERAL (
    SELECT * FROM routing.incident_report r WHERE r.region = :region AND r.assignment_id = f.assignment_id OFFSET 0
) r
LEFT JOIN LATERAL (
    SELECT i.id, i.touched, i.status FROM routing.incident i WHERE i.region = :region AND i.id = r.incident_id OFFSET 0
) i ON true
WHERE r.matched AND s.component IS NOT NULL AND NOT r.kept_out AND (i.id IS NULL OR i.status IN ('proposed', 'confirmed'))
ORDER BY f.assignment_id
"""
_MEMBERS = """
SELECT s.*, r.incident_id, r.similarity, r.joined_by, i.touched
FROM routing.incident_sign s
JOIN routing.incident_report r ON r.region = s.region AND r.assignment_id = s.assignment_id
LEFT JOIN routing.incident i ON i.region = r.region AND i.id = r.incident_id
WHERE s.region = :region AND s.component = ANY(:ids::uuid[]) AND NOT s.close AND NOT r.kept_out ORDER BY s.assignment_id
"""
_GROUPS = """
SELECT i.id, i.started_at, i.touched AS is_touched FROM routing.incident i WHERE i.region = :region AND i.id = ANY(:ids::uuid[])
"""
_SIZES = """
SELECT s.component AS id, count(*)::int AS size FROM routing.incident_sign s
WHERE s.region = :region AND s.component = ANY(:ids::uuid[]) AND NOT s.close GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class NewRow:
    """A report that nobody has looked at."""

    assignment_id: UUID
    received_at: datetime
    packed: bytes | None
    text: str | None
    kind: str
    status: str
    topic: str | None
    municipality: str | None
    lat: float | None
    lon: float | None

    def words(self) -> AssignmentWords:
        """The appeal, masked."""
        return unpack_words(self.packed) if self.packed else AssignmentWords(self.text or "", None, {}, None)


@dataclass(frozen=True, slots=True)
class NearRow:
    """A report that has been looked at, and how it stands."""

    assignment_id: UUID
    received_at: datetime
    lat: float | None
    lon: float | None
    component: UUID
    close: bool
    place: str | None
    is_small: bool
    street: str | None
    streets: list[str]
    maybe: list[str]
    houses: list[str]
    events: list[str]
    weights: list[int]
    incident_id: UUID | None
    similarity: float | None
    joined_by: str | None
    touched: bool | None

    def report(self, region: str) -> Report:
        """Ready to be compared."""
        return make_report(region, self.assignment_id, self.received_at, self._signs())

    def _signs(self) -> Signs:
        return Signs(
            self.place,
            self.is_small,
            self.lat,
            self.lon,
            self.street,
            frozenset(self.streets),
            frozenset(self.maybe),
            frozenset(self.houses),
            dict(zip(self.events, self.weights, strict=True)),
        )

    def standing(self) -> Standing:
        """What follows a touched incident, or was put there by a person, stays."""
        if self.close and self.incident_id is not None:
            return Standing(self.assignment_id, self.incident_id)
        is_kept = bool(self.touched) or self.joined_by == "person"
        similarity = self.similarity or 0.0
        return Standing(self.assignment_id, self.component, self.incident_id, similarity, is_kept)


@dataclass(frozen=True, slots=True)
class _IncidentRow:
    id: UUID
    started_at: datetime
    is_touched: bool


@dataclass(frozen=True, slots=True)
class _Size:
    id: UUID
    size: int


async def waiting_regions(session: AsyncSession) -> list[str]:
    """Regions with reports that nobody has looked at."""
    return await column(session, str, _WAITING)


async def read_new(session: AsyncSession, region: str, limit: int) -> list[NewRow]:
    """The oldest reports that nobody has looked at."""
    return await rows(session, NewRow, _NEW, region=region, limit=limit)


async def read_near(
    session: AsyncSession, region: str, asked: Iterable[tuple[datetime, Collection[int]]]
) -> list[NearRow]:
    """Reports of open incidents or of none that have a place in common with one of those asked for, at about its time.

    `asked`: when each was received, and the keys around it.
    """
    times: dict[int, list[datetime]] = defaultdict(list)
    for received_at, keys in asked:
        for key in keys:
            times[key].append(received_at)
    if not times:
        return []
    return await rows(
        session,
        NearRow,
        _NEAR,
        region=region,
        keys=list(times),
        first=[min(each) - WINDOW for each in times.values()],
        last=[max(each) + WINDOW for each in times.values()],
        limit=MOST_OF_A_PLACE,
    )


async def read_members(session: AsyncSession, region: str, components: Collection[UUID]) -> list[NearRow]:
    """The reports of components that are no incidents."""
    if not components:
        return []
    return await rows(session, NearRow, _MEMBERS, region=region, ids=sorted(components))


async def read_groups(session: AsyncSession, region: str, ids: Collection[UUID]) -> dict[UUID, Group]:
    """Incidents and components, by id."""
    if not ids:
        return {}
    asked = sorted(ids)
    incidents = await rows(session, _IncidentRow, _GROUPS, region=region, ids=asked)
    sizes = await rows(session, _Size, _SIZES, region=region, ids=asked)
    groups = {id: Group(id) for id in asked} | {each.id: Group(each.id, each.size) for each in sizes}
    return groups | {each.id: Group(each.id, 0, each.started_at, each.is_touched) for each in incidents}
