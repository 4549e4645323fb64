"""Addresses of letters, with a point on the map for most of them."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from otklik.demo_data.region import District, Region, Town

_CITY: Final = 100_000  # residents, from which on houses and floors are many
_SPREAD: Final = {True: 0.028, False: 0.006}  # degrees around the middle of a city, of a smaller place
_STREETS: Final = (("улица ", "ул. "), ("проспект ", "пр-т "), ("переулок ", "пер. "))
_KINDS: Final = {"г": "г.", "пгт": "пгт", "п": "п.", "с": "с.", "сл": "сл.", "д": "д.", "х": "х."}


@dataclass(frozen=True)
class Place:
    """Where something is the matter."""

    oktmo: str
    town: str
    street: str
    house: str
    in_city: bool
    lat: float | None
    lon: float | None

    @property
    def short_street(self) -> str:
        """«ул. Ленина»: fits into a sentence in any case."""
        return next(
            (short + self.street[len(long) :] for long, short in _STREETS if self.street.startswith(long)),
            self.street,
        )

    @property
    def address(self) -> str:
        """In full, as a form has it."""
        return f"{self.town}, {self.street}, д. {self.house}"


def draw_district(random: Random, region: Region) -> District:
    """By residents."""
    (found,) = random.choices(region.districts, [each.weight for each in region.districts])
    return found


def draw_place(random: Random, district: District, streets: tuple[str, ...]) -> Place:
    """An address in a district; `streets`: names that any place may have."""
    (town,) = random.choices(district.towns, [each.weight for each in district.towns])
    in_city = town.weight >= _CITY
    house = str(random.randrange(1, 140 if in_city else 60)) + random.choices(("", "а", "/2"), (10, 1, 1))[0]
    lat, lon = _point(random, town, in_city)
    return Place(
        district.oktmo,
        f"{_KINDS.get(town.kind, '')} {town.name}".strip(),
        random.choice(town.streets or streets),
        house,
        in_city,
        lat,
        lon,
    )


def _point(random: Random, town: Town, in_city: bool) -> tuple[float | None, float | None]:
    """Around the middle of the place, where that is known."""
    spread = _SPREAD[in_city]
    north, east = random.gauss(0, spread), random.gauss(0, spread * 1.5)
    if town.lat is None or town.lon is None:
        return None, None
    return round(town.lat + north, 5), round(town.lon + east, 5)


def written_place(random: Random, place: Place) -> str:
    """The address as people write it."""
    street = place.short_street
    near = random.choice(
        (f"{street}, {place.house}", f"{street}, дом {place.house}", f"{street}, д. {place.house}")
    )
    return near if place.in_city and random.random() < 0.6 else f"{place.town}, {near}"
