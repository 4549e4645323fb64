"""What one text, or an address, names: districts by their names and councils, settlements by theirs.

A settlement lies in a municipality, so it names that too. Where several have one name the district beside them decides, a
town or a large village outweighs small ones, a point may choose. What stays open is several municipalities, never a guess.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from chassis.normal import NormalText, fold, normalise
from contracts.intake import Location as Point
from contracts.territories import REGIONS
from services.routing.placement.rules.mentions import Mention, Scene, find_mentions
from services.routing.placement.rules.ordinary_words import is_place
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.rules.settlements import Settlement, SettlementDirectory, distance_km
from services.routing.reference.rules.territory import name_districts, surrounds, words_of_folded

_COUNCIL = re.compile(r"(?<![а-я0-9-])([а-я0-9-]{2,40})(?:ий|ого|ому|им|ом|ой) (?:сельсовет|с/с)")
_DISTRICT_OF_A_CITY = re.compile(
    r"(?<![а-я-])([а-я-]{1,40}[сц]к[а-я]{2,3} район[а-я]{0,2}) (?:г\.? ?|города )?([а-я]{4,})"
)
_COUNCIL_WORDS = re.compile("сельсовет|с/с")
# Of villages of one name a point means the one so near to it, in km.
_NEAR_KM = 15.0


@dataclass(frozen=True)
class ReadText:
    """A text in its normal form, and its words as names of districts are compared; both are worked out once."""

    normal: NormalText

    @cached_property
    def words(self) -> Sequence[str]:
        """Looked for only where places are."""
        return words_of_folded(self.normal.folded)


_EMPTY = ReadText(normalise(""))


@dataclass(frozen=True, slots=True)
class Places:
    """The same with the settlements that are meant.

    `settlements`: ОКТМО of the municipality → codes; `open_between`: municipalities that have a settlement of a name that is
    open; `unlisted`: the words for a village that has namesakes which the directory does not list. `district_of`: a town
    that is a municipality of its own → the district called after it.
    """

    districts: frozenset[str] = frozenset()
    settlements: Mapping[str, frozenset[str]] = field(default_factory=dict)
    open_between: frozenset[str] = frozenset()
    unlisted: str | None = None
    district_of: Mapping[str, str] = field(default_factory=dict)

    @property
    def municipalities(self) -> frozenset[str]:
        """All that are named, but for a district one of whose towns is; a settlement with its district outweighs others."""
        if not self.settlements and not self.open_between and len(self.districts) < 2:
            return self.districts
        settled = frozenset(self.settlements)
        sure = settled & self.districts
        named = sure or settled | self.open_between
        return named | {each for each in self.districts if not self._is_around(each, named | self.districts)}

    def _is_around(self, district: str, others: Iterable[str]) -> bool:
        return any(surrounds(district, other) or self.district_of.get(other) == district for other in others)

    def settlement_in(self, municipality: str) -> str | None:
        """The one settlement that is named in a municipality, or in its towns."""
        codes = self.settlements.get(municipality) or self._settlements_around(municipality)
        return next(iter(codes)) if len(codes) == 1 else None

    def _settlements_around(self, municipality: str) -> frozenset[str]:
        towns = (each for each in self.settlements if surrounds(municipality, each))
        return frozenset().union(*(self.settlements[each] for each in towns))

    def joined(self, other: Places) -> Places:
        """Both together."""
        every = self.settlements.keys() | other.settlements.keys()
        nothing: frozenset[str] = frozenset()
        return Places(
            self.districts | other.districts,
            {
                each: self.settlements.get(each, nothing) | other.settlements.get(each, nothing)
                for each in every
            },
            self.open_between | other.open_between,
            self.unlisted or other.unlisted,
            self.district_of,
        )


def read_text(text: str | None) -> ReadText:
    """A text, or an address, made ready to be searched."""
    return ReadText(normalise(text)) if text else _EMPTY


def named_districts(
    reference: RegionReference, read: ReadText, *, in_address: bool = False
) -> frozenset[str]:
    """The districts that a text names, and towns that have stems of their own; not those of other regions' cities."""
    gazetteer, directory = reference.gazetteer, reference.directory
    found = gazetteer.named_in_words(read.words)
    if in_address:
        found |= gazetteer.standing_alone(read.normal.original)
    if found and directory.by_form:
        found -= _elsewhere(reference, read.normal.folded)
    if directory.by_council and _COUNCIL_WORDS.search(read.normal.folded):
        found |= _by_council(directory, read.normal.folded, found)
    return found


def _elsewhere(reference: RegionReference, folded: str) -> frozenset[str]:
    """«Советский район Воронежа» is none of ours."""
    foreign: frozenset[str] = frozenset()
    for district in _DISTRICT_OF_A_CITY.finditer(name_districts(folded)):
        city = district[2]
        if is_place(city) and city not in reference.directory.by_form:
            foreign |= reference.gazetteer.named_in(district[1])
    return foreign


def find_settlements(
    reference: RegionReference, read: ReadText, around: frozenset[str], *, in_address: bool = False
) -> tuple[Mention, ...]:
    """The settlements that a text names; `around`: the districts that the appeal names."""
    directory = reference.directory
    if directory.by_form.keys().isdisjoint(read.words):
        return ()
    scene = Scene(_region_name(reference.region), around, in_address)
    return tuple(find_mentions(directory, read.normal, scene))


@lru_cache(maxsize=256)
def _region_name(region: str) -> str:
    return fold(REGIONS[region].name)


def _by_council(directory: SettlementDirectory, folded: str, districts: Collection[str]) -> frozenset[str]:
    """The districts of the councils that are named; of councils of one name the one whose district is, too."""
    found: set[str] = set()
    for council in _COUNCIL.finditer(folded):
        municipalities = directory.by_council.get(council[1], frozenset())
        found |= municipalities.intersection(districts) or municipalities
    return frozenset(found)


def decide_mentions(
    directory: SettlementDirectory,
    districts: frozenset[str],
    named: Sequence[Mention],
    around: Collection[str],
    point: Point | None,
) -> Places:
    """The settlements that are meant, given the `districts` of their text, the municipalities `around` them (of the whole
    appeal), and its point, if any.

    A place that is only passed, or lies beside, counts where nothing else does.
    """
    if not named:
        return Places(districts, district_of=directory.district_of)
    mentions = [each for each in named if around or not each.beside_district]
    staying = [each for each in mentions if not each.passing or _named_with_district(each, around)]
    settlements: dict[str, set[str]] = defaultdict(set)
    open_between: set[str] = set()
    unlisted: list[str] = []
    for mention in staying or (() if districts else mentions):
        meant = _meant(mention, around, point)
        municipalities = {each.municipality for each in meant}
        if len(municipalities) > 1:
            open_between |= municipalities
        elif _lacks_namesakes(meant, around):
            unlisted.append(mention.words)
        else:
            settlements.update(
                {each: settlements[each] | {one.code for one in meant} for each in municipalities}
            )
    return Places(
        districts,
        {each: frozenset(codes) for each, codes in settlements.items()},
        frozenset(open_between),
        unlisted[0] if unlisted else None,
        directory.district_of,
    )


def _named_with_district(mention: Mention, around: Collection[str]) -> bool:
    return mention.beside_district and any(_lies_in_any(each, around) for each in mention.bearers)


def _meant(mention: Mention, around: Collection[str], point: Point | None) -> Sequence[Settlement]:
    """The settlements that a mention may mean: one, several of one name, or none that lies where it would have to."""
    bearers = mention.bearers
    within = [each for each in bearers if _lies_in_any(each, around)]
    if not within and around:
        return [each for each in bearers if each.prominent]
    candidates = within or bearers
    prominent = [each for each in candidates if each.prominent]
    if len(candidates) < 2 or len(prominent) == 1:
        return prominent or candidates
    near = [each for each in candidates if point and _is_near(each, point)]
    return near if len(near) == 1 else candidates


def _lacks_namesakes(meant: Sequence[Settlement], around: Collection[str]) -> bool:
    """Whether the one that is meant has namesakes nobody has listed, and nothing says that it is this one."""
    return len(meant) == 1 and meant[0].namesakes and not _lies_in_any(meant[0], around)


def _lies_in_any(settlement: Settlement, municipalities: Iterable[str]) -> bool:
    return any(settlement.lies_in(each) for each in municipalities)


def _is_near(settlement: Settlement, point: Point) -> bool:
    return settlement.lat is not None and distance_km(settlement, point.lat, point.lon) <= _NEAR_KM
