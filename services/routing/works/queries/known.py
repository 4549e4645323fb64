"""Works that somebody who is about to write may ask about: those that run, and those of the next days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, scalar
from chassis.moments import utc_now
from contracts.territories import REGIONS
from services.routing.reference.queries.cache import read_reference
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.street_mentions import find_streets
from services.routing.reference.rules.works import KnownWork, Point
from services.routing.tables.works import PlannedWork
from services.routing.works.rules.fitting import NamedPlace, contradicts, lies_in

AHEAD: Final = timedelta(days=3)
NEAR_M: Final = 3000.0  # so far from an area somebody may still ask about it
_MOST_LOOKED_AT: Final = 1000
_AROUND_NOW = """
SELECT * FROM routing.planned_work
WHERE region = :region AND ends_at >= :now::timestamptz AND starts_at <= :until::timestamptz AND NOT ended
ORDER BY ends_at, id LIMIT :limit
"""
_REGION_OF = """
SELECT region FROM routing.planned_work
WHERE region = ANY(:regions::text[]) AND id = :id AND ends_at >= now() AND starts_at <= :until::timestamptz AND NOT ended
"""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where somebody is and what it is about, whatever of it is known: a point (WGS 84), an address, a topic's code."""

    region: str
    lat: float | None = None
    lon: float | None = None
    address: str | None = None
    topic: str | None = None

    @property
    def point(self) -> Point | None:
        """Latitude and longitude, if both are known."""
        return (self.lat, self.lon) if self.lat is not None and self.lon is not None else None


@dataclass(frozen=True, slots=True)
class NearbyWork:
    """A work, its first topic's code, and how far it is in metres: 0 for one of that very place, None where it names a street
    and nobody knows how far that is."""

    work: PlannedWork
    topic: str | None
    distance_m: float | None


async def find_nearby_works(
    session: AsyncSession, asked: Whereabouts, now: datetime, limit: int
) -> list[NearbyWork]:
    """Works of a region that run or begin within three days and may be meant, the nearest first, then the first to end."""
    reference = await read_reference(session, asked.region)
    until = now + AHEAD
    stored = await rows(
        session, PlannedWork, _AROUND_NOW, region=asked.region, now=now, until=until, limit=_MOST_LOOKED_AT
    )
    return nearby_works(reference, asked, stored)[:limit]


async def region_of_work(session: AsyncSession, work_id: UUID) -> str | None:
    """In which region this work is announced now; None where there is none such."""
    until = utc_now() + AHEAD
    return await scalar(session, str, _REGION_OF, regions=sorted(REGIONS), id=work_id, until=until)


def nearby_works(
    reference: RegionReference, asked: Whereabouts, stored: Sequence[PlannedWork]
) -> list[NearbyWork]:
    """Those of the works that may be meant, in order."""
    found = list(_nearby(reference, asked, stored))
    return sorted(found, key=lambda each: (each.distance_m is None, each.distance_m or 0.0))


def _nearby(
    reference: RegionReference, asked: Whereabouts, stored: Sequence[PlannedWork]
) -> Iterator[NearbyWork]:
    streets, place = find_streets(asked.address, ""), _place_of(reference, asked)
    for row in stored:
        work = reference.works.by_id.get(row.id)
        if work is None:
            continue  # it was stated after this version of the reference data was read
        is_there = lies_in(work, asked.point, streets, place)
        distance = 0.0 if is_there else _distance(work, asked.point)
        may_be_meant = (
            asked.topic is None or asked.topic in work.topics,
            is_there or not contradicts(work, place),
            is_there or asked.address is None,
            distance is None or distance <= NEAR_M,
        )
        if all(may_be_meant):
            yield NearbyWork(row, next(filter(reference.topics.__contains__, row.topics), None), distance)


def _place_of(reference: RegionReference, asked: Whereabouts) -> NamedPlace:
    """What the address names, or else the settlement around the point."""
    named = sorted(reference.gazetteer.named_in_address(asked.address))
    if named:
        return NamedPlace(named[0], open=len(named) > 1)
    nearest = reference.directory.nearest(*asked.point) if asked.point else None
    return NamedPlace(nearest.municipality, nearest.code) if nearest else NamedPlace()


def _distance(work: KnownWork, point: Point | None) -> float | None:
    return work.area.distance_m(*point) if work.area and point else None
