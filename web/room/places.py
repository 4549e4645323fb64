"""Places on the map of a screen: cells with what they are called and where they lead, settlements that are named. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, radians
from typing import Final

from web.pictures.borders import Border
from web.pictures.cells import Cell, Outline, Spot
from web.room.rules import Subject
from web.room.views.figures import CellFeature, Heatmap, Settlement, Settlements
from web.words import number

NAMED_ON_THE_MAP: Final = 24
_AT_KM: Final = 3.0  # of a settlement's middle, what lies nearer is in it
_KM_PER_DEGREE: Final = 111.2
_WITHOUT_STOP: Final = frozenset({"пгт", "рп", "кп", "дп", ""})


@dataclass(frozen=True, slots=True)
class Place:
    """A cell, and what it is called: after the settlement that is nearest."""

    cell: Cell
    name: str


def places_of(heatmap: Heatmap, settlements: Settlements, subject: Subject) -> list[Place]:
    """The fullest first, as the map was answered."""
    return [_place_of(each, settlements.items, subject) for each in heatmap.features]


def _place_of(feature: CellFeature, settlements: Sequence[Settlement], subject: Subject) -> Place:
    ring = feature.geometry.coordinates[0]
    link = f"/room/appeals?{subject.query(cell=feature.properties.cell)}"
    return Place(Cell(ring, feature.properties.received, link), _name_of(ring, settlements))


def _name_of(ring: Sequence[tuple[float, float]], settlements: Sequence[Settlement]) -> str:
    corners = ring[:-1]
    lon = sum(each[0] for each in corners) / len(corners)
    lat = sum(each[1] for each in corners) / len(corners)
    if not settlements:
        return f"{number(lat, 2)}° с. ш., {number(lon, 2)}° в. д."
    away, nearest = min(
        ((_kilometres(lon, lat, each), each) for each in settlements), key=lambda each: each[0]
    )
    name = name_settlement(nearest)
    return name if away <= _AT_KM else f"{name}, {number(away, 0)} км от центра"


def name_settlement(settlement: Settlement) -> str:
    """«г. Курск», «пгт Коренево»."""
    stop = "" if settlement.kind in _WITHOUT_STOP else "."
    return f"{settlement.kind}{stop} {settlement.name}".strip()


def _kilometres(lon: float, lat: float, settlement: Settlement) -> float:
    east = (lon - settlement.lon) * cos(radians(lat))
    return _KM_PER_DEGREE * hypot(east, lat - settlement.lat)


def spots_of(settlements: Settlements) -> list[Spot]:
    """Those that the map names, the largest first."""
    return [Spot(each.name, each.lon, each.lat) for each in settlements.items[:NAMED_ON_THE_MAP]]


def outlines_of(borders: Sequence[Border], subject: Subject) -> list[Outline]:
    """The municipalities of a region, each leading to its screen, or the one that the screen is about."""
    return [
        Outline(
            each.name,
            each.rings,
            "" if subject.municipality else f"/room?{subject.query(municipality=each.code)}",
        )
        for each in borders
        if not subject.municipality or each.code == subject.municipality[:8]
    ]
