"""Where an appeal belongs: its own municipality, or what its address, its text or its point name; and when a person has to
say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chassis.normal import fold
from contracts.intake import Location as Point
from contracts.territories import REGIONS
from services.routing.assignments.rules.explanations import FoundIn, StoredExplanation
from services.routing.placement.rules.evidence import (
    ReadText,
    decide_mentions,
    find_settlements,
    named_districts,
    read_text,
)
from services.routing.placement.rules.naming import Named, named_places
from services.routing.placement.rules.streets import settlement_by_street
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.settlements import Settlement, distance_km
from services.routing.reference.rules.territory import surrounds

_LONGEST_QUOTE = 60
# A point so many km from a place that is named has another opinion than the words; districts are some 50 km wide.
_FAR_KM = 40.0


@dataclass(frozen=True, slots=True)
class Location:
    """Where an appeal belongs, as far as its words and its point tell.

    `municipality`: the one; None where none is named, several are (`contested`) or one that the region does not know
    (`unknown`, in the words of the appeal). `settlement`: the code of the one town or village that is named in it, or that
    the point lies in. `note`: what a person should know of it (Russian).
    """

    municipality: str | None = None
    found_in: FoundIn | None = None
    contested: tuple[str, ...] = ()
    unknown: str | None = None
    settlement: str | None = None
    note: str = ""

    @property
    def doubt(self) -> str | None:
        """Why a coordinator has to look, where a place is named that the region does not know."""
        if self.unknown is None:
            return None
        return f"Место «{self.unknown}» не найдено в справочнике территорий региона: уточните территорию и исполнителя."


def explain_location(location: Location) -> StoredExplanation:
    """Where an appeal belongs, as it is stored with its assignments."""
    explained: StoredExplanation = {
        "municipality": location.municipality,
        "municipality_found_in": location.found_in,
    }
    if location.settlement:
        explained["settlement"] = location.settlement
    if location.note:
        explained["place_note"] = location.note
    return explained


def locate(
    reference: RegionReference,
    municipality: str | None,
    address: str | ReadText | None,
    text: str | ReadText,
    point: Point | None = None,
) -> Location:
    """An appeal's own municipality goes first, then its address, then its text, then its point.

    Where address and text name different places, or one of them several, all of those are contested; a village that
    nobody knows lies in the district that is named beside it. The point (WGS 84) chooses among villages of one name and
    speaks where the words are silent; a place that is named outweighs it.
    """
    written = _read(address), _read(text)
    if municipality:
        return _own_place(reference, municipality, *written)
    if not reference.places:
        return Location()
    named = _named_location(reference, *written, point)
    if point is None:
        return named
    if named == Location():
        return _by_point(reference, point)
    return _compared(reference, named, point)


def _read(written: str | ReadText | None) -> ReadText:
    return written if isinstance(written, ReadText) else read_text(written)


def _own_place(reference: RegionReference, municipality: str, address: ReadText, text: ReadText) -> Location:
    """The settlement, too, where the municipality's code is one, or address or text name one in it; a town that is a
    municipality of its own stands for its district."""
    if reference.places and reference.place_of(municipality) is None:
        return Location(municipality, "appeal", unknown=f"ОКТМО {municipality}")
    if municipality in reference.directory.by_code:
        return Location(municipality, "appeal", settlement=municipality)
    district = municipality[:8]
    around = frozenset((district,))
    found = (find_settlements(reference, each, around) for each in (address, text))
    named = (decide_mentions(reference.directory, around, each, around, None) for each in found)
    settlement = next(filter(None, (places.settlement_in(district) for places in named)), None)
    if settlement is None:
        return Location(municipality, "appeal")
    town = reference.directory.by_code[settlement].municipality  # says more than its district
    place = town if surrounds(municipality, town) else municipality
    return Location(place, "appeal", settlement=settlement)


def _named_location(
    reference: RegionReference, address: ReadText, text: ReadText, point: Point | None
) -> Location:
    directory = reference.directory
    districts_of_address = named_districts(reference, address, in_address=True)
    districts = named_districts(reference, text)
    around = districts_of_address | districts
    named = find_settlements(reference, address, around, in_address=True)
    by_address = decide_mentions(directory, districts_of_address, named, around, point)
    named = find_settlements(reference, text, around)
    by_text = decide_mentions(directory, districts, named, around | by_address.municipalities, point)
    named_in_address, named_in_text = by_address.municipalities, by_text.municipalities
    foreign = None if named_in_address else _first_unknown(reference, address, among=named_in_text)
    if foreign:
        return Location(unknown=foreign)
    together = by_address.joined(by_text)
    if not together.municipalities:
        return _nothing_known(reference, together.unlisted, address, text)
    agreed = named_in_address & named_in_text or together.municipalities
    if len(agreed) > 1:
        return Location(contested=tuple(sorted(agreed)))
    (place,) = agreed
    settlement = by_address.settlement_in(place) or by_text.settlement_in(place)
    return Location(place, "address" if named_in_address else "text", settlement=settlement)


def _nothing_known(
    reference: RegionReference, unlisted: str | None, address: ReadText, text: ReadText
) -> Location:
    """What is named without being known; a street may still say which town."""
    unknown = unlisted or _first_unknown(reference, text)
    if unknown:
        return Location(unknown=unknown)
    by_address = settlement_by_street(reference.directory, address.normal.folded)
    if by_address:
        return _at(by_address, "address")
    by_text = settlement_by_street(reference.directory, text.normal.folded)
    return _at(by_text, "text") if by_text else Location()


def _at(settlement: Settlement, found_in: FoundIn) -> Location:
    return Location(settlement.municipality, found_in, settlement=settlement.code)


def _by_point(reference: RegionReference, point: Point) -> Location:
    nearest = reference.directory.nearest(point.lat, point.lon)
    return _at(nearest, "point") if nearest else Location()


def _compared(reference: RegionReference, named: Location, point: Point) -> Location:
    """A place that is named, with a note where the point lies in another one."""
    settlement = reference.directory.by_code.get(named.settlement or "")
    nearest = reference.directory.nearest(point.lat, point.lon)
    where = f" (рядом «{nearest.name}»)" if nearest else ""
    if not (_lies_elsewhere(nearest, named.municipality) or _is_far(settlement, point)):
        return named
    return replace(
        named, note=f"Точка на карте лежит в другом месте{where}: принято место, названное словами."
    )


def _lies_elsewhere(nearest: Settlement | None, municipality: str | None) -> bool:
    return nearest is not None and municipality is not None and not nearest.lies_in(municipality)


def _is_far(settlement: Settlement | None, point: Point) -> bool:
    if settlement is None or settlement.lat is None:
        return False
    return distance_km(settlement, point.lat, point.lon) > _FAR_KM


def _first_unknown(reference: RegionReference, read: ReadText, among: Iterable[str] = ()) -> str | None:
    """What a text names although the region does not know it; villages only where no other place is named."""
    passed_over = "village" if any(among) else None
    unknown = (
        named.words[:_LONGEST_QUOTE]
        for named in named_places(read.normal)
        if named.kind != passed_over and not _is_own(reference, named)
    )
    return next(unknown, None)


def _is_own(reference: RegionReference, named: Named) -> bool:
    """Whether it is the region itself."""
    if named.kind != "region" or reference.region not in REGIONS:
        return False
    own = fold(REGIONS[reference.region].name)
    return any(word[:-2] in own for word in fold(named.words).split()[:1])
