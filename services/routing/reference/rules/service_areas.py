"""Who serves a house: the service areas of its street that cover it on a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from chassis.normal import fold
from services.routing.reference.rules.addresses import HouseAddress, Street, read_address, read_text
from services.routing.reference.rules.declension import forms_of_name, words_of
from services.routing.reference.rules.houses import Served, ServedBy, Service, nearness_of
from services.routing.reference.rules.validity import is_valid_on


@dataclass(frozen=True, slots=True)
class StreetArea:
    """Houses of a street that an organisation serves, as they are stored."""

    region: str
    organisation_id: UUID
    service: Service
    municipality: str
    settlement: str | None
    street: str
    street_key: str
    street_kind: str
    houses: list[str]
    valid_from: date | None
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class AskedHouse:
    """A house of an appeal on its local day. `written`: the words that name it, in their normal form."""

    region: str
    address: HouseAddress
    written: str
    day: date


def find_house(region: str, address: str | None, text: str, day: date) -> AskedHouse | None:
    """The house that the address names, or else the text; None where neither names one."""
    by_address = read_address(address)
    if by_address is not None:
        return AskedHouse(region, by_address, fold(address or ""), day)
    by_text = read_text(text)
    return AskedHouse(region, by_text, fold(text), day) if by_text else None


def serve(areas: Iterable[StreetArea], asked: AskedHouse) -> Served | None:
    """Who serves the house, in whatever municipality; None where nobody does.

    Where the appeal does not tell «улица Мира» from «проспект Мира», and a municipality has both, it is neither.
    """
    found = list(_covering(areas, asked))
    kinds: dict[str, set[str]] = defaultdict(set)
    for area, _ in found:
        kinds[area.municipality].add(area.street_kind)
    certain = [(area, nearness) for area, nearness in found if len(kinds[area.municipality]) == 1]
    if not certain:
        return None
    by = tuple(
        ServedBy(area.organisation_id, area.service, area.municipality, nearness)
        for area, nearness in certain
    )
    return Served(f"{certain[0][0].street}, {asked.address.house}", by)


def _covering(areas: Iterable[StreetArea], asked: AskedHouse) -> Iterator[tuple[StreetArea, int]]:
    house, street = asked.address.house, asked.address.street
    for area in areas:
        if not street.is_same(Street(area.street_key, area.street_kind)) or not _lies_there(area, asked):
            continue
        nearness = nearness_of(area.houses, house)
        if nearness and is_valid_on(asked.day, area.valid_from, area.valid_to):
            yield area, nearness


def _lies_there(area: StreetArea, asked: AskedHouse) -> bool:
    """An area of one settlement is for those who name it, in whatever case; «Тим» is not in «улица Тимирязева»."""
    if area.settlement is None:
        return True
    forms = forms_of_name(words_of(area.settlement))
    written = words_of(asked.written)
    return any(
        all(word in of for word, of in zip(written[place:], forms, strict=False))
        for place in range(len(written) - len(forms) + 1)
    )


def by_street(areas: Sequence[StreetArea]) -> dict[tuple[str, str], list[StreetArea]]:
    """(region, key of the street) → its areas."""
    found: dict[tuple[str, str], list[StreetArea]] = defaultdict(list)
    for area in areas:
        found[area.region, area.street_key].append(area)
    return found
