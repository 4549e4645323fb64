"""What citizens need not report any more: confirmed incidents and planned works."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows, scalar
from chassis.moments import utc_now
from contracts.territories import REGIONS
from services.routing.known.rules import (
    ENOUGH_APPEALS,
    LONGEST_ADDRESS,
    MOST,
    KnownThing,
    Place,
    Point,
    nearest,
    street_of,
    title_of,
)
from services.routing.known.schemas import KnownItem, KnownItems
from services.routing.reference.queries.cache import read_reference
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.tables.incidents import Incident
from services.routing.works.queries.known import (
    NearbyWork,
    Whereabouts,
    find_nearby_works,
    region_of_work,
)

# The newest of them: an incident that nobody tells of any more is closed after days, so that there are never many.
_MOST_READ: Final = 500
_IN_FORCE: Final = f"status = 'confirmed' AND appeals >= {ENOUGH_APPEALS} AND work_id IS NULL"
_INCIDENTS = f"""
SELECT * FROM routing.incident WHERE region = :region AND {_IN_FORCE} ORDER BY last_at DESC, id DESC LIMIT {_MOST_READ}
"""
_REGION_OF = (
    f"SELECT region FROM routing.incident WHERE region = ANY(:regions::text[]) AND id = :id AND {_IN_FORCE}"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Where a citizen is, and what about; all but the region may be unknown."""

    region: str
    point: Point | None = None
    address: str | None = None
    topic: str | None = None


async def list_known(session: AsyncSession, asked: Asked) -> KnownItems:
    """The nearest incidents and works; with a topic those of it or of its group."""
    reference = await read_reference(session, asked.region)
    found = [*await _read_incidents(session, asked, reference), *await _read_works(session, asked)]
    return KnownItems(items=[KnownItem.of(each) for each in nearest(found, _around(asked, reference))])


def _fits(thing: KnownThing, topic: str | None, reference: RegionReference) -> bool:
    if topic is None or thing.topic == topic:
        return True
    asked, own = reference.topic(topic), reference.topic(thing.topic)
    return asked is not None and own is not None and asked.group == own.group


def _around(asked: Asked, reference: RegionReference) -> Place:
    """What a point and an address say of where the citizen is."""
    point, address = asked.point, (asked.address or "")[:LONGEST_ADDRESS]
    named = reference.gazetteer.named_in_address(address)
    settlement = reference.directory.nearest(point.lat, point.lon) if point else None
    municipality = next(iter(named)) if len(named) == 1 else None
    return Place(
        municipality=settlement.municipality if settlement else municipality,
        settlement=settlement.code if settlement else None,
        street=street_of(address),
        point=point,
    )


async def _read_incidents(
    session: AsyncSession, asked: Asked, reference: RegionReference
) -> list[KnownThing]:
    incidents = await rows(session, Incident, _INCIDENTS, region=reference.region)
    things = [_thing(each, reference) for each in incidents]
    return [each for each in things if _fits(each, asked.topic, reference)]


async def _read_works(session: AsyncSession, asked: Asked) -> list[KnownThing]:
    lat, lon = (asked.point.lat, asked.point.lon) if asked.point else (None, None)
    whereabouts = Whereabouts(asked.region, lat, lon, asked.address, asked.topic)
    found = await find_nearby_works(session, whereabouts, utc_now(), MOST)
    return [_announced(each) for each in found]


def _announced(nearby: NearbyWork) -> KnownThing:
    """A work under the title its organisation gave it; where its street is, nobody has to guess."""
    work = nearby.work
    return KnownThing(
        id=work.id,
        kind="work",
        title=work.title,
        topic=nearby.topic,
        place=Place(work.municipality, work.settlement, next(iter(work.streets), None)),
        since=work.starts_at,
        until=work.ends_at,
        notice=work.notice,
        appeals=work.answered,
        distance_km=None if nearby.distance_m is None else nearby.distance_m / 1000,
    )


def _thing(incident: Incident, reference: RegionReference) -> KnownThing:
    known = incident.lat is not None and incident.lon is not None
    place = Place(
        municipality=incident.municipality,
        settlement=incident.settlement,
        street=incident.street,
        point=Point(incident.lat or 0.0, incident.lon or 0.0) if known else None,
    )
    return KnownThing(
        id=incident.id,
        kind="incident",
        title=title_of(incident.topic, place, reference),
        topic=incident.topic,
        place=place,
        since=incident.started_at,
        until=None,
        notice=None,
        appeals=incident.appeals,
    )


async def _region_of_incident(session: AsyncSession, id: UUID) -> str | None:
    return await scalar(session, str, _REGION_OF, regions=sorted(REGIONS), id=id)


async def region_of_known(session: AsyncSession, id: UUID) -> str | None:
    """In which region something is known under this id; None where nothing is."""
    return await _region_of_incident(session, id) or await region_of_work(session, id)
