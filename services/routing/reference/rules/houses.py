"""Which companies serve a house: numbers, ranges and parities of houses in a street.

What names the house itself goes before a range, and a range before a whole street. Companies that are equally near serve it
both: then a person chooses.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, Literal
from uuid import UUID

from chassis.normal import fold

Service = Literal["management", "heat", "water", "power", "gas", "waste", "lift", "other"]
SERVICES: Final[dict[Service, str]] = {
    "management": "управление домом",
    "heat": "теплоснабжение",
    "water": "водоснабжение и водоотведение",
    "power": "электроснабжение",
    "gas": "газоснабжение",
    "waste": "вывоз отходов",
    "lift": "лифты",
    "other": "прочие услуги",
}
_HOUSE = re.compile(
    r"(?P<number>[1-9][0-9]{0,3})(?P<tail>[а-я]?(?:/[0-9]{1,4}[а-я]?)?(?:к[0-9]{1,3}[а-я]?)?(?:с[0-9]{1,3})?)"
)
_NOT_WRITTEN = re.compile(r"(?<=[а-я./])[ .]|[ .-](?=[а-я/])|(?<=к)(?:орпус|орп|ор)|(?<=с)(?:троение|тр)")
_PARITY = r"(?P<parity>чет|нечет|even|odd)[а-я]*"
_RANGE = re.compile(rf"(?P<first>[1-9][0-9]{{0,3}})?-(?P<last>[1-9][0-9]{{0,3}})?(?: ?{_PARITY})?")
_ONLY_PARITY = re.compile(_PARITY)
_LAST_NUMBER: Final = 9999
_ODD: Final = {"нечет": 1, "odd": 1, "чет": 0, "even": 0}
_PARITY_NAMES: Final = ("чётные", "нечётные")
STREET, RANGE, HOUSE = 1, 2, 3  # how near what an area says is to a house


@dataclass(frozen=True, slots=True)
class House:
    """A house: its number, and its letter, fraction, block and building in one form («5а», «12/1», «5к2», «5с1»)."""

    number: int
    tail: str = ""

    def __str__(self) -> str:
        return f"{self.number}{self.tail}"


@dataclass(frozen=True, slots=True)
class Houses:
    """One house, or those between two numbers (both inclusive), of one parity where it is given (1: odd)."""

    first: int
    last: int
    parity: int | None = None
    only: House | None = None

    def nearness(self, house: House) -> int:
        """0 where it does not cover the house. A range covers its numbers with whatever letter or block."""
        if self.only is not None:
            return HOUSE if self.only == house else 0
        is_covered = self.first <= house.number <= self.last and self.parity in (None, house.number % 2)
        if not is_covered:
            return 0
        return RANGE if (self.first, self.last) != (1, _LAST_NUMBER) else STREET

    def __str__(self) -> str:
        if self.only is not None:
            return str(self.only)
        span = "" if (self.first, self.last) == (1, _LAST_NUMBER) else f"{self.first}-{self.last}"
        parity = "" if self.parity is None else _PARITY_NAMES[self.parity]
        return f"{span} {parity}".strip()


def read_house(text: str) -> House | None:
    """A house's number as it is written without its street: «5», «5 А», «12/1», «5 к. 2»."""
    match = _HOUSE.fullmatch(_NOT_WRITTEN.sub("", fold(text)))
    return House(int(match["number"]), match["tail"]) if match else None


@lru_cache(maxsize=65536)
def read_houses(text: str) -> Houses:
    """«5а», «1-15», «2-20 чётные», «нечётные». ValueError for anything else, and for a range that is empty."""
    folded = fold(text).strip()
    if match := _ONLY_PARITY.fullmatch(folded):
        return Houses(1, _LAST_NUMBER, _ODD[match["parity"]])
    if (match := _RANGE.fullmatch(folded)) and (match["first"] or match["last"]):
        first, last = int(match["first"] or 1), int(match["last"] or _LAST_NUMBER)
        if first > last:
            raise ValueError("the range ends before it begins")
        return Houses(first, last, _ODD[match["parity"]] if match["parity"] else None)
    house = read_house(folded)
    if house is None:
        raise ValueError(
            "write a house («5а», «12/1», «5к2»), a range («1-15», «2-20 чётные») or a parity («нечётные»)"
        )
    return Houses(house.number, house.number, only=house)


def nearness_of(houses: Iterable[str], house: House) -> int:
    """How near a list of houses is to one; an empty list is the whole street."""
    written = list(houses)
    if not written:
        return STREET
    return max(read_houses(each).nearness(house) for each in written)


@dataclass(frozen=True, slots=True)
class ServedBy:
    """A company that serves a house."""

    organisation_id: UUID
    service: Service
    municipality: str
    nearness: int


@dataclass(frozen=True, slots=True)
class Served:
    """A house, as people read its address, and who serves it."""

    address: str
    by: tuple[ServedBy, ...] = ()

    def within(self, municipality: str | None) -> Served | None:
        """The same in a municipality (ОКТМО; a district's code covers its settlements). Where nobody knows the place, the
        street of the same name may be another town's: None."""
        if municipality is None:
            return None
        return replace(self, by=tuple(each for each in self.by if _covers(each.municipality, municipality)))

    def companies(self, service: Service) -> list[UUID]:
        """Those that serve it with this, the nearest only."""
        of_service = [each for each in self.by if each.service == service]
        nearest = max((each.nearness for each in of_service), default=0)
        return sorted({each.organisation_id for each in of_service if each.nearness == nearest})


def _covers(area: str, municipality: str) -> bool:
    return municipality.startswith(area.removesuffix("000"))
