"""What is known already near a citizen: titles without anybody's words, and what is nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import cos, hypot, inf, radians
from typing import Final, Literal
from uuid import UUID

from services.routing.reference.rules.addresses import read_street
from services.routing.reference.rules.region_reference import RegionReference

MOST: Final = 10
ENOUGH_APPEALS: Final = 5
_KM_PER_DEGREE: Final = 111.2
LONGEST_ADDRESS: Final = 200
_HOUSE: Final = re.compile(r" (?:д(?:ом)?\.? ?)?[0-9]\S*$")
_OTHERWISE: Final = "Происшествие"


@dataclass(frozen=True, slots=True)
class Point:
    """WGS 84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is, as far as it is known. `municipality`: ОКТМО."""

    municipality: str | None = None
    settlement: str | None = None
    street: str | None = None
    point: Point | None = None


@dataclass(frozen=True, slots=True)
class KnownThing:
    """An incident or a planned work that citizens may be told of. `until`, `notice`: of a work. `distance_km`: from who asks,
    where its source knows that better than by points."""

    id: UUID
    kind: Literal["incident", "work"]
    title: str
    topic: str | None
    place: Place
    since: datetime
    until: datetime | None
    notice: str | None
    appeals: int
    distance_km: float | None = None


def title_of(topic: str | None, place: Place, reference: RegionReference) -> str:
    """«Нет освещения: улица Ленина»: of topic and street, never of words that somebody wrote."""
    known = reference.topic(topic)
    settlement = reference.directory.by_code.get(place.settlement or "")
    municipality = reference.place_names.get(place.municipality or "")
    where = place.street or (settlement.called if settlement else None) or municipality
    return ": ".join(filter(None, [known.name if known else _OTHERWISE, where]))


def nearest(things: Iterable[KnownThing], around: Place) -> list[KnownThing]:
    """The nearest to where the citizen is: by distance where points are known, else the same street, settlement or municipality
    first; of equals the newest."""
    newest_first = sorted(things, key=lambda each: each.since, reverse=True)
    return sorted(newest_first, key=lambda each: _farness(each, around))[:MOST]


def _farness(thing: KnownThing, around: Place) -> tuple[float, int]:
    by_points = distance_km(thing.place.point, around.point)
    known = by_points if thing.distance_km is None else thing.distance_km
    return known, _named_apart(thing.place, around)


def distance_km(one: Point | None, other: Point | None) -> float:
    """As on a plane, which is true enough for a region; infinite where a point is not known."""
    if one is None or other is None:
        return inf
    width = cos(radians(one.lat)) * (one.lon - other.lon)
    return hypot(one.lat - other.lat, width) * _KM_PER_DEGREE


def _named_apart(place: Place, around: Place) -> int:
    """0 in the same street, 1 in the same settlement, 2 in the same municipality, 3 elsewhere."""
    if around.street and place.street and street_of(place.street) == around.street:
        return 0
    if around.settlement and place.settlement == around.settlement:
        return 1
    return 2 if around.municipality and place.municipality == around.municipality else 3


@lru_cache(maxsize=4096)
def street_of(address: str | None) -> str | None:
    """By what the street of an address, or a street as it is kept, is compared; None where none is named. Reads the parts
    between commas alone: anybody may ask, with whatever words."""
    whole = (address or "")[:LONGEST_ADDRESS]
    for part in whole.split(","):
        try:
            street = read_street(_HOUSE.sub("", part))
        except ValueError:
            continue
        if street.kind or part == whole:
            return street.key
    return None
