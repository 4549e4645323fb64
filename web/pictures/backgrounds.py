"""What lies below the cells of a map, where the installation has a source of tiles: square images in Web Mercator, numbered
{z}/{x}/{y} from the north-west as OpenStreetMap does (EPSG:3857)."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from markupsafe import Markup

from web.pictures.drawing import place

WIDEST: Final = (
    160.0  # units of the picture that a tile of 256 pixels fills: about as many as a screen shows it with
)
DEEPEST: Final = 17
_LAP: Final = 0.4  # units that images lie over each other: else seams show between them
_NORTHERNMOST: Final = 85.05  # degrees: where the square world ends


@dataclass(frozen=True, slots=True)
class Frame:
    """What a map shows, in degrees; `unit`: degrees of longitude that are one unit wide."""

    west: float
    south: float
    east: float
    north: float
    unit: float


def draw_tiles_below(
    frame: Frame, source: str, at: Callable[[float, float], tuple[float, float]]
) -> Iterator[Markup]:
    """The images that cover the frame; `at`: where a longitude and a latitude lie in the picture. Each is stretched to where its
    own edges lie, so that a map of another projection shows every place within a tile's error."""
    zoom = zoom_of(frame.unit)
    left, top = tile_at(zoom, frame.west, frame.north)
    right, bottom = tile_at(zoom, frame.east, frame.south)
    for x, y in product(range(left, right + 1), range(top, bottom + 1)):
        west, north = at(*corner_of(zoom, x, y))
        east, south = at(*corner_of(zoom, x + 1, y + 1))
        yield Markup(
            '<image href="{}" x="{}" y="{}" width="{}" height="{}" preserveAspectRatio="none" class="p-tile"/>'
        ).format(
            _address(source, zoom, x, y),
            place(west),
            place(north),
            place(east - west + _LAP),
            place(south - north + _LAP),
        )


def zoom_of(unit: float) -> int:
    """The coarsest at which a tile is no wider than `WIDEST`; `unit`: degrees of longitude that are one unit wide."""
    return max(0, min(DEEPEST, math.ceil(math.log2(360 / (WIDEST * unit)))))


def tile_at(zoom: int, lon: float, lat: float) -> tuple[int, int]:
    """The column and row of the tile that shows a place."""
    side = 2**zoom
    lat = math.radians(max(-_NORTHERNMOST, min(_NORTHERNMOST, lat)))
    column = math.floor((lon + 180) / 360 * side)
    row = math.floor((1 - math.asinh(math.tan(lat)) / math.pi) / 2 * side)
    return max(0, min(side - 1, column)), max(0, min(side - 1, row))


def corner_of(zoom: int, x: int, y: int) -> tuple[float, float]:
    """Longitude and latitude of a tile's north-western corner."""
    side = 2**zoom
    return x / side * 360 - 180, math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y / side))))


def _address(source: str, zoom: int, x: int, y: int) -> str:
    return source.replace("{z}", str(zoom)).replace("{x}", str(x)).replace("{y}", str(y))
