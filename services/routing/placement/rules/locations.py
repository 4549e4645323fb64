"""Where an appeal belongs: its own municipality, or the one its address and text name; and when a person has to say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from chassis.normal import fold
from contracts.territories import REGIONS
from services.routing.placement.rules.naming import Named, named_places
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.territory import without_surrounding

FoundIn = Literal["appeal", "address", "text"]
_LONGEST_QUOTE = 60


@dataclass(frozen=True, slots=True)
class Location:
    """Where an appeal belongs, as far as its words tell.

    `municipality`: the one; None where none is named, several are (`contested`) or one that the region does not know
    (`unknown`, in the words of the appeal).
    """

    municipality: str | None = None
    found_in: FoundIn | None = None
    contested: tuple[str, ...] = ()
    unknown: str | None = None

    @property
    def doubt(self) -> str | None:
        """Why a coordinator has to look, where a place is named that the region does not know."""
        if self.unknown is None:
            return None
        return f"Место «{self.unknown}» не найдено в справочнике территорий региона: уточните территорию и исполнителя."


def locate(reference: RegionReference, municipality: str | None, address: str | None, text: str) -> Location:
    """An appeal's own municipality goes first, then its address, then its text.

    Where address and text name different places, or one of them several, all of those are contested; a village that
    nobody knows lies in the district that is named beside it.
    """
    if municipality:
        lost = bool(reference.places) and reference.place_of(municipality) is None
        return Location(municipality, "appeal", unknown=f"ОКТМО {municipality}" if lost else None)
    if not reference.places:
        return Location()
    by_address, by_text = reference.gazetteer.named_in_address(address), reference.gazetteer.named_in(text)
    foreign = None if by_address else _first_unknown(reference, address, among=by_text)
    if foreign:
        return Location(unknown=foreign)
    if not by_address | by_text:
        return Location(unknown=_first_unknown(reference, text))
    agreed = by_address & by_text or without_surrounding(by_address | by_text)
    if len(agreed) > 1:
        return Location(contested=tuple(sorted(agreed)))
    return Location(next(iter(agreed)), "address" if by_address else "text")


def _first_unknown(reference: RegionReference, text: str | None, among: Iterable[str] = ()) -> str | None:
    """What a text names although the region does not know it; villages only where no other place is named."""
    passed_over = "village" if any(among) else None
    unknown = (
        named.words[:_LONGEST_QUOTE]
        for named in named_places(text)
        if named.kind != passed_over and not _is_own(reference, named)
    )
    return next(unknown, None)


def _is_own(reference: RegionReference, named: Named) -> bool:
    """Whether it is the region itself."""
    if named.kind != "region" or reference.region not in REGIONS:
        return False
    own = fold(REGIONS[reference.region].name)
    return any(word[:-2] in own for word in fold(named.words).split()[:1])
