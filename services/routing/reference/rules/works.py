"""Planned works as decisions read them, indexed by topics and by what of an appeal tells its place.

An index, because every appeal is asked about all of them: a region without works costs nothing, one with hundreds next
to nothing where none of an appeal's topics is worked on.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from typing import Any, Final, Literal
from uuid import UUID

from chassis.normal import fold
from services.routing.reference.rules.addresses import Street, read_street
from services.routing.reference.rules.areas import Area, Polygon, cell_of, cells_of, make_area
from services.routing.reference.rules.settlements import Settlement, SettlementDirectory

WorkKind = Literal["outage", "repair", "closure", "event"]
# Appeals are placed late after an outage: works that are over are known for so long.
KNOWN_DAYS_AFTER_END: Final = 7
_MOST_CELLS: Final = 400  # of one area; a larger one is compared with every point
_WORD: Final = re.compile("[а-я0-9]+")
_PREFIX: Final = 3
Cell = tuple[int, int]


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

    `municipality` (ОКТМО) and `settlement` (code) are None where it names none; `alone`: the settlement is all there is of
    its municipality, so that whoever names this one means it. Both times belong to it.
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
    alone: bool = False

    @property
    def covers_all(self) -> bool:
        """Whether it is about all of its settlement or municipality."""
        return not self.streets and self.area is None

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

    def around(self, lat: float, lon: float) -> Works:
        """Works whose areas may hold a point."""
        return self.by_cell.get(cell_of(lat, lon), ())


@dataclass(frozen=True)
class WorkIndex:
    """The works of a region by their topics' codes."""

    by_topic: Mapping[str, TopicWorks] = field(default_factory=dict)
    first: datetime | None = None
    last: datetime | None = None

    def of_topics(self, codes: Iterable[str], moment: datetime) -> list[TopicWorks]:
        """The works of these topics, each topic's by themselves; none where no work of the region runs at the moment."""
        if self.first is None or self.last is None or not self.first <= moment <= self.last:
            return []
        by_topic = self.by_topic
        return [by_topic[code] for code in codes if code in by_topic]


NO_WORKS: Final = WorkIndex()


def index_works(works: Iterable[KnownWork]) -> WorkIndex:
    """Index a region's works."""
    every = sorted(works, key=lambda work: (work.starts_at, work.id))
    by_topic: dict[str, list[KnownWork]] = defaultdict(list)
    for work in every:
        for code in work.topics:
            by_topic[code].append(work)
    if not every:
        return NO_WORKS
    return WorkIndex(
        {code: _index_topic(found) for code, found in by_topic.items()},
        every[0].starts_at,
        max(work.ends_at for work in every),
    )


def _index_topic(works: Sequence[KnownWork]) -> TopicWorks:
    by_street: dict[str, list[KnownWork]] = defaultdict(list)
    by_cell: dict[Cell, list[KnownWork]] = defaultdict(list)
    everywhere: list[KnownWork] = []
    for work in works:
        for key in {street.key for street in work.streets}:
            by_street[key].append(work)
        cells = list(cells_of(work.area.box)) if work.area and _has_cells(work.area) else []
        for cell in cells:
            by_cell[cell].append(work)
        if work.covers_all or (work.area is not None and not cells):
            everywhere.append(work)
    return TopicWorks(
        {key: tuple(found) for key, found in by_street.items()},
        {cell: tuple(found) for cell, found in by_cell.items()},
        tuple(everywhere),
        frozenset(word[:_PREFIX] for key in by_street for word in key.split() if not word.isdigit()),
    )


def _has_cells(area: Area) -> bool:
    west, south, east, north = area.box
    south_row, west_column = cell_of(south, west)
    north_row, east_column = cell_of(north, east)
    return (north_row - south_row + 1) * (east_column - west_column + 1) <= _MOST_CELLS


def know_work(stated: StatedWork, topics: TopicNames, directory: SettlementDirectory) -> KnownWork:
    """A work as decisions read it."""
    named = set(stated.topics)
    meant = {code: name for code, (name, group) in topics.items() if code in named or group in named}
    settlement = (
        find_settlement(directory, stated.settlement, stated.municipality) if stated.settlement else None
    )
    code = settlement.code if settlement else stated.settlement
    return KnownWork(
        id=stated.id,
        organisation_id=stated.organisation_id,
        title=stated.title,
        kind=stated.kind,
        subject=fold(" ".join((stated.title, *(meant[code] for code in stated.topics if code in meant)))),
        topics=frozenset(meant),
        municipality=stated.municipality or (settlement.municipality if settlement else None),
        settlement=code,
        streets=read_streets(stated.streets),
        area=make_area(polygons_of(stated.area)) if stated.area else None,
        starts_at=stated.starts_at,
        ends_at=stated.ends_at,
        alone=settlement is not None and is_alone(directory, settlement),
    )


def polygons_of(geometry: Mapping[str, Any]) -> Sequence[Polygon]:
    """The polygons of a geometry, a Polygon or a MultiPolygon."""
    coordinates: Sequence[Any] = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "Polygon" else coordinates


def find_settlement(
    directory: SettlementDirectory, written: str, municipality: str | None
) -> Settlement | None:
    """A settlement by its code or its name; None where there is none, or several, within the municipality if one is named."""
    if written in directory.by_code:
        found = [directory.by_code[written]]
    else:
        plain = fold(written).strip()
        found = [each for each in directory.by_code.values() if fold(each.name) == plain]
    within = [each for each in found if municipality is None or each.lies_in(municipality)]
    return within[0] if len(within) == 1 else None


def is_alone(directory: SettlementDirectory, settlement: Settlement) -> bool:
    """Whether it is all there is of its municipality."""
    others = (
        each.code for each in directory.by_code.values() if each.municipality == settlement.municipality
    )
    return all(code == settlement.code for code in others)


def read_streets(streets: Iterable[str]) -> tuple[Street, ...]:
    """Streets as they are written in a work; ValueError for one without a name."""
    return tuple(dict.fromkeys(map(read_street, streets)))
