"""One appeal written down: what its text leaves out, the address field, the municipality or a point say – or nothing."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from tests.routing.incidents.geography import Place, capital, moved, point_of
from tests.routing.incidents.records import Meant, Told
from tests.routing.incidents.telling import address_of, filled, lowered

STARTS_AT = datetime.fromisoformat("2026-03-02T00:00:00+03:00")
DAYS = 10
_CHANNELS = {
    "portal": 24, "widget": 8, "pos": 24, "vk": 15, "ok": 4, "telegram": 9, "max": 4, "email": 6, "phone": 4,
    "paper": 1, "reception": 1,
}  # fmt: skip
# How many write in each local hour of the day.
_HOURS = (3, 2, 1, 1, 1, 3, 9, 18, 26, 30, 32, 30, 28, 28, 28, 27, 28, 30, 33, 34, 32, 26, 16, 8)
_ZONE_H = 3


@dataclass(frozen=True)
class Draft:
    """What somebody means to say: a template, the place meant and the moment, and what is true of it.

    `says_street`: the template names it already, in some case; `names_house`, `names_town`: text or address must.
    """

    template: str
    place: Place
    at: datetime
    kind: str | None = None
    topic: str | None = None
    event: UUID | None = None
    trap: str | None = None
    point_share: float = 0.25
    says_street: bool = False
    names_house: bool = False
    names_town: bool = False


def new_id(rng: random.Random) -> UUID:
    """An id that the seed decides."""
    return UUID(int=rng.getrandbits(128), version=4)


def awake(at: datetime, rng: random.Random) -> bool:
    """Whether somebody writes at this hour: most sleep at night."""
    return rng.random() * max(_HOURS) < _HOURS[(at + timedelta(hours=_ZONE_H)).hour]


def some_time(rng: random.Random, first: datetime, last: datetime) -> datetime:
    """A moment between two, at an hour when people write."""
    at = first
    for _ in range(40):
        at = first + (last - first) * rng.random()
        if awake(at, rng):
            break
    return at.replace(microsecond=0)


def written(draft: Draft, rng: random.Random) -> tuple[Told, Meant]:
    """The appeal of a draft.

    Whoever reads it with the address field, the municipality and the point knows the settlement; only in the capital
    may all three be left out, as people there do.
    """
    text = filled(draft.template, draft.place, rng)
    point = point_of(draft.place) if rng.random() < draft.point_share else None
    address = _address(draft, rng, pointed=point is not None)
    if rng.random() < 0.06:
        text = lowered(text)
    spread = _spread(point, rng) if point else None
    told = Told(
        new_id(rng),
        text,
        address,
        spread[0] if spread else None,
        spread[1] if spread else None,
        _municipality(draft, rng, placed=address is not None or point is not None),
        draft.at,
        rng.choices(list(_CHANNELS), list(_CHANNELS.values()))[0],
        draft.topic if rng.random() < 0.08 else None,
        draft.event,
        draft.trap,
    )
    return told, Meant(draft.place, draft.kind)


def _address(draft: Draft, rng: random.Random, *, pointed: bool) -> str | None:
    """None where the field stays empty; never where nothing else tells the place."""
    said_street, said_house = "{street}" in draft.template or draft.says_street, "{house}" in draft.template
    said_town = "{settlement}" in draft.template or draft.place.settlement == capital()
    if draft.names_town and "{settlement}" not in draft.template:
        return address_of(draft.place, rng, whole=True)
    if (draft.names_house and not said_house) or not (
        said_street or "{settlement}" in draft.template or pointed
    ):
        return (
            _with_house(draft.place, rng) if draft.names_house else address_of(draft.place, rng, whole=True)
        )
    if not said_town and not pointed and draft.place.settlement.district:
        return address_of(draft.place, rng, whole=True)
    if rng.random() < 0.45:
        return None
    return address_of(draft.place, rng, whole=not said_town or rng.random() < 0.7)


def _with_house(place: Place, rng: random.Random) -> str:
    while True:
        address = address_of(place, rng, whole=True)
        if address.endswith(place.house):
            return address


def _municipality(draft: Draft, rng: random.Random, *, placed: bool) -> str | None:
    settlement = draft.place.settlement
    said = "{settlement}" in draft.template or placed
    if draft.trap == "namesake_street" and "{settlement}" not in draft.template:
        return settlement.municipality  # else nobody could say which of the two is meant
    if settlement != capital() and (settlement.namesakes or not said):
        return settlement.municipality
    return settlement.municipality if rng.random() < 0.6 else None


def _spread(point: tuple[float, float], rng: random.Random) -> tuple[float, float]:
    """Where the phone says it is: tens of metres off, of some people a block away."""
    far = rng.random() < 0.08
    reach = rng.uniform(120, 260) if far else abs(rng.gauss(0, 28))
    sideways = rng.uniform(-1, 1)
    along = (1 - sideways**2) ** 0.5 * rng.choice((-1, 1))
    return moved(point, reach * sideways, reach * along)
