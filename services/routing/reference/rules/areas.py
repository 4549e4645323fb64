"""Areas on the map: polygons as GeoJSON (RFC 7946) writes them, and whether a point lies in one. WGS 84 degrees."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, cos, floor, hypot, radians
from typing import Final, NamedTuple

Position = tuple[float, float]  # longitude, latitude
Ring = Sequence[Position]
Polygon = Sequence[Ring]  # its outline, then its holes

LEAST_POSITIONS: Final = 4  # of a ring, whose last position is its first
CELL_DEGREES: Final = 0.05
_METRES_PER_DEGREE: Final = 111_200.0


class Box(NamedTuple):
    """The least box around an area."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether a point lies in it."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


class Circle(NamedTuple):
    """A circle around an area; `radius_m` in metres."""

    lat: float
    lon: float
    radius_m: int


@dataclass(frozen=True, slots=True)
class Area:
    """Polygons with the box around them."""

    polygons: tuple[Polygon, ...]
    box: Box

    def contains(self, lat: float, lon: float) -> bool:
        """Whether a point lies inside: a ray from it crosses the rings of a polygon an odd number of times."""
        return self.box.holds(lat, lon) and any(
            sum(_crossings(ring, lat, lon) for ring in polygon) % 2 == 1 for polygon in self.polygons
        )

    @property
    def around(self) -> Circle:
        """The circle around its box."""
        west, south, east, north = self.box
        lat, lon = (south + north) / 2, (west + east) / 2
        half = hypot(north - south, (east - west) * cos(radians(lat))) / 2
        return Circle(lat, lon, ceil(half * _METRES_PER_DEGREE))

    def distance_m(self, lat: float, lon: float) -> float:
        """How far a point lies from its box, in metres; as on a plane. 0 inside of it."""
        west, south, east, north = self.box
        high = max(south - lat, 0.0, lat - north)
        wide = max(west - lon, 0.0, lon - east) * cos(radians(lat))
        return hypot(high, wide) * _METRES_PER_DEGREE


def _crossings(ring: Ring, lat: float, lon: float) -> int:
    """How many edges a ray eastwards from the point crosses."""
    crossings = 0
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < x1 + (lat - y1) / (y2 - y1) * (x2 - x1):
            crossings += 1
    return crossings


def make_area(polygons: Sequence[Polygon]) -> Area:
    """An area of these polygons, at least one."""
    positions = [position for polygon in polygons for position in polygon[0]]
    lons, lats = [lon for lon, _ in positions], [lat for _, lat in positions]
    kept = tuple(tuple(tuple((lon, lat) for lon, lat in ring) for ring in polygon) for polygon in polygons)
    return Area(kept, Box(min(lons), min(lats), max(lons), max(lats)))


def flaw_of(polygons: Sequence[Polygon]) -> str | None:
    """Why these are no valid polygons; None where they are. Takes longer than an event loop may wait."""
    for ring in (ring for polygon in polygons for ring in polygon):
        if len(ring) < LEAST_POSITIONS or ring[0] != ring[-1]:
            return "a ring has four positions or more, and ends where it begins"
        if any(one == other for one, other in pairwise(ring)) or _doubled_surface(ring) == 0.0:
            return "a ring encloses something, and has no position twice in a row"
        if _crosses_itself(ring):
            return "a ring does not cross or touch itself"
    return None


def _doubled_surface(ring: Ring) -> float:
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)))


def _crosses_itself(ring: Ring) -> bool:
    """Edges are compared with those that begin further west than they end."""
    edges = sorted(
        (min(one, other), max(one, other), place) for place, (one, other) in enumerate(pairwise(ring))
    )
    last = len(edges) - 1
    for index, (start, end, place) in enumerate(edges):
        for other_start, other_end, other in edges[index + 1 :]:
            if other_start[0] > end[0]:
                break
            neighbours = abs(place - other) in (1, last)
            if not neighbours and _meet(start, end, other_start, other_end):
                return True
    return False


def _meet(a: Position, b: Position, c: Position, d: Position) -> bool:
    sides = (_side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b))
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    ends = zip(sides, ((a, b, c), (a, b, d), (c, d, a), (c, d, b)), strict=True)
    return any(side == 0 and _lies_between(*edge) for side, edge in ends)


def _side(a: Position, b: Position, of: Position) -> int:
    """On which side of a line a point lies: -1, 0, 1."""
    turn = (b[0] - a[0]) * (of[1] - a[1]) - (b[1] - a[1]) * (of[0] - a[0])
    return (turn > 0) - (turn < 0)


def _lies_between(a: Position, b: Position, point: Position) -> bool:
    return min(a[0], b[0]) <= point[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= point[1] <= max(a[1], b[1])


def cells_of(box: Box) -> Iterator[tuple[int, int]]:
    """The cells of the map that a box reaches into."""
    south, west = cell_of(box.south, box.west)
    north, east = cell_of(box.north, box.east)
    return ((row, column) for row in range(south, north + 1) for column in range(west, east + 1))


def cell_of(lat: float, lon: float) -> tuple[int, int]:
    """The cell a point lies in."""
    return floor(lat / CELL_DEGREES), floor(lon / CELL_DEGREES)
