"""The settlements of a region: by the forms of their names, by their districts and formations, by coordinates, by streets."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import cos, floor, hypot, radians

from chassis.normal import fold
from services.routing.reference.rules.declension import (
    called_after_a_person,
    forms_of_name,
    words_of,
)

TOWNS = frozenset(("г", "город"))
_ABBREVIATED = 2  # letters; «пгт» has no stop
URBAN = frozenset(("пгт", "рп", "кп", "дп"))
# From so many inhabitants on a village is known beyond its district, so that its name alone means it.
WIDELY_KNOWN = 1_000
_KM_PER_DEGREE = 111.2
_CELL_DEGREES = 0.05
_COMMON_ENDS = frozenset(("город", "долина", "поляна"))
# How far a settlement reaches, in km, by its inhabitants: half a large city's width, a village and its outskirts.
_REACH_KM = ((200_000, 11.0), (50_000, 7.0), (20_000, 5.0), (5_000, 3.5), (1_000, 2.5), (0, 2.0))
# Of two places that a point might lie in the nearer one counts if it is nearer by so much, measured in their reach.
_CLEARLY_NEARER = 0.25
_WORD = re.compile("[а-я0-9]+")
_COUNCIL = re.compile(r"[а-я0-9-]+(?=(?:ий|ой) сельсовет)")


@dataclass(frozen=True, slots=True)
class Settlement:
    """A town or village. `code`: ОКТМО (11 digits) or, where that is not known, the region's own code.

    `municipality`: ОКТМО of the municipality in the reference data; `formation`: the name of the smallest one it lies in.
    `lat`, `lon`: WGS 84 degrees of its middle. `namesakes`: the region has others of its name that are not listed, so that
    the name alone is not enough.
    """

    code: str
    name: str
    kind: str
    municipality: str
    formation: str = ""
    lat: float | None = None
    lon: float | None = None
    population: int | None = None
    aliases: Sequence[str] = ()
    namesakes: bool = False

    @property
    def is_town(self) -> bool:
        """Whether «г.» may stand before its name."""
        return self.kind in TOWNS

    @property
    def called(self) -> str:
        """With its kind before its name: «с. Косиново», «пгт Тим»."""
        stop = "" if len(self.kind) > _ABBREVIATED else "."
        return f"{self.kind}{stop} {self.name}".strip(" .")

    @property
    def prominent(self) -> bool:
        """Whether its name means it even where villages have the same one."""
        large = (self.population or 0) >= WIDELY_KNOWN and not self.namesakes
        return large or self.is_town or self.kind in URBAN

    @property
    def reach_km(self) -> float:
        """How far from its middle a point may lie that still belongs to it."""
        return next(reach for least, reach in _REACH_KM if (self.population or 0) >= least)

    def lies_in(self, municipality: str) -> bool:
        """Whether it lies in a municipality, or in the district around it."""
        return self.municipality[:5] == municipality[:5]


@dataclass(frozen=True, slots=True)
class Toponym:
    """A name that settlements have: the forms of its words, and whose it is."""

    name: tuple[str, ...]
    forms: tuple[frozenset[str], ...]
    settlements: tuple[Settlement, ...]

    @property
    def after_a_person(self) -> bool:
        """Whether it is a person's, so that a street may have it as well."""
        return any(called_after_a_person(words_of(each.name)) for each in self.settlements)

    @property
    def prominent(self) -> bool:
        """Whether one of its bearers is known widely."""
        return any(each.prominent for each in self.settlements)

    @property
    def anchor(self) -> int:
        """Which of its words it is looked for by: the last one, which is the rarest, but for «Старый Город»."""
        return 0 if self.name[-1] in _COMMON_ENDS else len(self.name) - 1

    def stands_at(self, words: Sequence[str], place: int) -> bool:
        """Whether the words from `place` on are the name, in whatever cases."""
        here = words[max(0, place) : place + len(self.forms)]
        return len(here) == len(self.forms) and all(
            word in forms for word, forms in zip(here, self.forms, strict=True)
        )


@dataclass(frozen=True)
class SettlementDirectory:
    """The settlements of a region, ready to be looked for. `by_form`: a name's anchor, in any case → the longest first."""

    by_code: Mapping[str, Settlement] = field(default_factory=dict)
    by_form: Mapping[str, Sequence[Toponym]] = field(default_factory=dict)
    by_council: Mapping[str, frozenset[str]] = field(default_factory=dict)
    by_street: Mapping[str, frozenset[str]] = field(default_factory=dict)
    by_cell: Mapping[tuple[int, int], Sequence[Settlement]] = field(default_factory=dict)
    # ОКТМО → the name of the municipality; a town that is one itself → the district that is called after it.
    names: Mapping[str, str] = field(default_factory=dict)
    district_of: Mapping[str, str] = field(default_factory=dict)

    def nearest(self, lat: float, lon: float) -> Settlement | None:
        """The settlement that a point (WGS 84 degrees) belongs to; None far from all, and halfway between municipalities."""
        near = sorted(
            (distance_km(each, lat, lon) / each.reach_km, each.code)
            for each in self.by_cell.get(_cell_of(lat, lon), ())
        )
        within = [(share, self.by_code[code]) for share, code in near if share <= 1]
        if not within:
            return None
        best_share, best = within[0]
        rivals = (share for share, other in within if other.municipality != best.municipality)
        return best if next(rivals, 2.0) - best_share >= _CLEARLY_NEARER else None

    def with_street(self, street: str) -> Settlement | None:
        """The one settlement that has a street of this name."""
        codes = self.by_street.get(street, frozenset())
        return self.by_code[next(iter(codes))] if len(codes) == 1 else None


def distance_km(settlement: Settlement, lat: float, lon: float) -> float:
    """How far a point (WGS 84 degrees) lies from its middle; as on a plane, which is true enough for a region."""
    assert settlement.lat is not None
    assert settlement.lon is not None
    width = cos(radians(lat)) * (lon - settlement.lon)
    return hypot(lat - settlement.lat, width) * _KM_PER_DEGREE


def make_directory(
    settlements: Iterable[Settlement],
    streets: Iterable[tuple[str, str]] = (),
    municipalities: Iterable[tuple[str, str]] = (),
) -> SettlementDirectory:
    """Index a region's settlements. `streets`: (code of the settlement, name); `municipalities`: (ОКТМО, name)."""
    by_code = {each.code: each for each in settlements}
    names = dict(municipalities)
    by_street: dict[str, set[str]] = defaultdict(set)
    for code, name in streets:
        by_street[street_key(name)].add(code)
    return SettlementDirectory(
        by_code,
        _index_names(by_code.values()),
        _index_councils(by_code.values()),
        {street: frozenset(codes) for street, codes in by_street.items()},
        _index_places(by_code.values()),
        names,
        _districts_of_towns(by_code.values(), names),
    )


def _index_names(settlements: Iterable[Settlement]) -> dict[str, tuple[Toponym, ...]]:
    bearers: dict[tuple[str, ...], list[Settlement]] = defaultdict(list)
    for each in settlements:
        for name in dict.fromkeys(map(words_of, (each.name, *each.aliases))):
            bearers[name].append(each)
    index: dict[str, list[Toponym]] = defaultdict(list)
    for name, named in sorted(bearers.items(), key=lambda item: (-len(item[0]), item[0])):
        toponym = Toponym(name, forms_of_name(name), tuple(named))
        for form in toponym.forms[toponym.anchor]:
            index[form].append(toponym)
    return {form: tuple(toponyms) for form, toponyms in index.items()}


def _index_councils(settlements: Iterable[Settlement]) -> dict[str, frozenset[str]]:
    """«дьяконовск» → the municipalities that have a «Дьяконовский сельсовет»."""
    index: dict[str, set[str]] = defaultdict(set)
    for each in settlements:
        council = _COUNCIL.match(fold(each.formation))
        if council:
            index[council.group()].add(each.municipality)
    return {stem: frozenset(municipalities) for stem, municipalities in index.items()}


def _index_places(settlements: Iterable[Settlement]) -> dict[tuple[int, int], tuple[Settlement, ...]]:
    """Every cell of the map → the settlements that reach into it."""
    index: dict[tuple[int, int], list[Settlement]] = defaultdict(list)
    for each in settlements:
        if each.lat is None or each.lon is None:
            continue
        high = each.reach_km / _KM_PER_DEGREE
        wide = high / cos(radians(each.lat))
        south, west = _cell_of(each.lat - high, each.lon - wide)
        north, east = _cell_of(each.lat + high, each.lon + wide)
        for cell in product(range(south, north + 1), range(west, east + 1)):
            index[cell].append(each)
    return {cell: tuple(near) for cell, near in index.items()}


def _cell_of(lat: float, lon: float) -> tuple[int, int]:
    return floor(lat / _CELL_DEGREES), floor(lon / _CELL_DEGREES)


def _districts_of_towns(settlements: Iterable[Settlement], names: Mapping[str, str]) -> dict[str, str]:
    """«Железногорск» → «Железногорский район»: in one breath they mean the town."""
    districts = {fold(name): oktmo for oktmo, name in names.items() if oktmo.endswith("000")}
    found = {}
    for town in (each for each in settlements if each.is_town):
        stem = fold(town.name).rstrip("аиыь")
        surrounding = (oktmo for name, oktmo in districts.items() if name.startswith(stem))
        district = next((oktmo for oktmo in surrounding if oktmo != town.municipality), None)
        if district and district[:5] != town.municipality[:5]:
            found[town.municipality] = district
    return found


_STREET_WORDS = re.compile(
    r"(?<![а-я])(?:ул(?:иц[аыеу]|ице|ицей)?|пр(?:оспект[аеу]?|осп|-т|-кт)?|пер(?:еул[а-я]{2,3})?|б-р|бульвар[аеу]?|наб(?:ережн[а-я]{2})?)(?![а-я])\.?"
)


def street_key(name: str) -> str:
    """A street's name for comparison: without «улица», in small letters, adjectives without their endings."""
    plain = " ".join(_WORD.findall(_STREET_WORDS.sub("", fold(name))))
    return re.sub("(?<=[а-я]{3})(?:ая|яя|ой|ей|ую|юю|ий|ый|ого|его|ому|ом)$", "", plain)
