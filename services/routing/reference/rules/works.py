"""Planned works as decisions read them, indexed by topics and by what of an appeal tells its place.

An index, because every appeal is asked about all of them: a region without works costs nothing, one with hundreds next
to nothing where none of an appeal's topics is worked on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, Final, Literal, TypeVar
from uuid import UUID

from chassis.normal import fold
from services.routing.reference.rules.addresses import Street, read_street
from services.routing.reference.rules.areas import Area, Polygon, cell_of, cells_of, make_area
from services.routing.reference.rules.declension import words_of
from services.routing.reference.rules.settlements import Settlement, SettlementDirectory

WorkKind = Literal["outage", "repair", "closure", "event"]
# Appeals are placed late after an outage: works that are over are known for so long.
KNOWN_DAYS_AFTER_END: Final = 7
_MOST_CELLS: Final = 400  # of one area; a larger one is compared with every point
_WORD: Final = re.compile("[а-я0-9]+")
_PREFIX: Final = 3
_NEVER: Final = datetime.min.replace(tzinfo=UTC)
Cell = tuple[int, int]
Point = tuple[float, float]  # latitude and longitude
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class StatedWork:
    """A planned work as it was stated. `topics`: codes of topics and of groups; `settlement`: its code or its name; `area`: a
    geometry of GeoJSON."""

    id: UUID
    organisation_id: UUID
    title: str
    kind: WorkKind
    topics: list[str]
    municipality: str | None
    settlement: str | None
    streets: list[str]
    area: dict[str, Any] | None
    starts_at: datetime
    ends_at: datetime


TopicNames = Mapping[str, tuple[str, str]]  # code → name and group of every topic of the region


@dataclass(frozen=True)
class KnownWork:
    """A planned work. `topics`: codes, those of its groups among them; `subject`: its title and its topics by name.

    `municipality` (ОКТМО) and `settlement` (code) are None where it names none. `whole`: the codes by which an appeal
    names its settlement: that one's, and its municipality's where this is nothing else. Both times belong to it.
    """

    id: UUID
    organisation_id: UUID
    title: str
    kind: WorkKind
    subject: str
    topics: frozenset[str]
    municipality: str | None
    settlement: str | None
    streets: tuple[Street, ...]
    area: Area | None
    starts_at: datetime
    ends_at: datetime
    whole: frozenset[str] = frozenset()

    @property
    def covers_all(self) -> bool:
        """Whether it is about all of its settlement or municipality."""
        return not self.streets and self.area is None

    @property
    def districts(self) -> tuple[str, ...]:
        """The municipality that it is about as a whole, if it is."""
        is_whole = self.covers_all and not self.settlement
        return (self.municipality,) if is_whole and self.municipality else ()

    def contains(self, point: Point | None) -> bool:
        """Whether a point lies in its area."""
        return self.area is not None and point is not None and self.area.contains(*point)

    def runs_at(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        return self.starts_at <= moment <= self.ends_at


Works = tuple[KnownWork, ...]


@dataclass(frozen=True)
class TopicWorks:
    """The works of one topic. `begins`: of words that may begin a street's name; `everywhere`: whole places, and areas too
    large for cells."""

    by_street: Mapping[str, Works] = field(default_factory=dict)
    by_cell: Mapping[Cell, Works] = field(default_factory=dict)
    everywhere: Works = ()
    begins: frozenset[str] = frozenset()

    def may_name_street(self, folded: str) -> bool:
        """Whether a text in its normal form holds a word that begins as a street of theirs does."""
        begins = self.begins
        return bool(begins) and any(word[:_PREFIX] in begins for word in _WORD.findall(folded))

    def on_streets(self, streets: Iterable[Street]) -> Iterator[KnownWork]:
        """Works on streets of these names."""
        by_street = self.by_street
        return chain.from_iterable(by_street.get(street.key, ()) for street in streets)

    def around(self, point: Point | None) -> Works:
        """Works whose areas may hold a point."""
        return self.by_cell.get(cell_of(*point), ()) if point else ()


@dataclass(frozen=True)
class WorkIndex:
    """The works of a region by their topics' codes, and by id."""

    by_topic: Mapping[str, TopicWorks] = field(default_factory=dict)
    by_id: Mapping[UUID, KnownWork] = field(default_factory=dict)
    first: datetime = _NEVER
    last: datetime = _NEVER

    def of_topics(self, codes: Iterable[str], moment: datetime) -> list[TopicWorks]:
        """The works of these topics, each topic's by themselves; none where no work of the region runs at the moment."""
        if not self.first <= moment <= self.last:
            return []
        by_topic = self.by_topic
        return [by_topic[code] for code in codes if code in by_topic]


NO_WORKS: Final = WorkIndex()


def index_works(works: Iterable[KnownWork]) -> WorkIndex:
    """Index a region's works."""
    every = sorted(works, key=lambda work: (work.starts_at, work.id))
    by_topic = _grouped((code, work) for work in every for code in work.topics)
    return WorkIndex(
        {code: _index_topic(found) for code, found in by_topic.items()},
        {work.id: work for work in every},
        min((work.starts_at for work in every), default=_NEVER),
        max((work.ends_at for work in every), default=_NEVER),
    )


def _index_topic(works: Works) -> TopicWorks:
    cells = {work.id: _cells_of(work) for work in works}
    by_street = _grouped((key, work) for work in works for key in {street.key for street in work.streets})
    return TopicWorks(
        by_street,
        _grouped((cell, work) for work in works for cell in cells[work.id]),
        tuple(work for work in works if work.covers_all or (work.area and not cells[work.id])),
        frozenset(word[:_PREFIX] for key in by_street for word in key.split() if not word.isdigit()),
    )


def _grouped(pairs: Iterable[tuple[K, KnownWork]]) -> dict[K, Works]:
    grouped: dict[K, list[KnownWork]] = defaultdict(list)
    for key, work in pairs:
        grouped[key].append(work)
    return {key: tuple(found) for key, found in grouped.items()}


def _cells_of(work: KnownWork) -> list[Cell]:
    """None of an area that is too large for them."""
    cells = list(islice(cells_of(work.area.box), _MOST_CELLS + 1)) if work.area else []
    return cells if len(cells) <= _MOST_CELLS else []


def know_work(stated: StatedWork, topics: TopicNames, directory: SettlementDirectory) -> KnownWork:
    """A work as decisions read it."""
    named = set(stated.topics)
    meant = {code: name for code, (name, group) in topics.items() if code in named or group in named}
    settlement = find_settlement(directory, stated.settlement, stated.municipality)
    around = settlement.municipality if settlement else None
    municipality = stated.municipality or around
    return KnownWork(
        id=stated.id,
        organisation_id=stated.organisation_id,
        title=stated.title,
        kind=stated.kind,
        subject=fold(" ".join((stated.title, *(meant[code] for code in stated.topics if code in meant)))),
        topics=frozenset(meant),
        municipality=municipality,
        settlement=settlement.code if settlement else stated.settlement,
        streets=read_streets(stated.streets),
        area=make_area(polygons_of(stated.area)) if stated.area else None,
        starts_at=stated.starts_at,
        ends_at=stated.ends_at,
        whole=_all_of(directory, settlement) if settlement else frozenset(),
    )


def _all_of(directory: SettlementDirectory, settlement: Settlement) -> frozenset[str]:
    """The codes that name a settlement as a whole."""
    around = {
        each.code for each in directory.by_code.values() if each.municipality == settlement.municipality
    }
    own = [settlement.code, settlement.municipality]
    return frozenset(own if around == {settlement.code} else own[:1])


def polygons_of(geometry: Mapping[str, Any]) -> Sequence[Polygon]:
    """The polygons of a geometry, a Polygon or a MultiPolygon."""
    coordinates: Sequence[Any] = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Polygon" else coordinates


def find_settlement(
    directory: SettlementDirectory, written: str | None, municipality: str | None
) -> Settlement | None:
    """A settlement by its code or its name; None where there is none, or several, within the municipality if one is named."""
    words = words_of(written or "")
    toponyms = (each for word in words for each in directory.by_form.get(word, ()))
    named = {each.code: each for toponym in toponyms if toponym.name == words for each in toponym.settlements}
    of_code = directory.by_code.get(written or "")
    found = [of_code] if of_code else named.values()
    within = [each for each in found if each.lies_in(municipality or each.municipality)]
    return within[0] if len(within) == 1 else None


def read_streets(streets: Iterable[str]) -> tuple[Street, ...]:
    """Streets as they are written in a work; ValueError for one without a name."""
    return tuple(dict.fromkeys(map(read_street, streets)))
