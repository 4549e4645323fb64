"""A map of H3 cells: their outlines, projected to a box; darker is more. Below them tiles and borders, above them names of
settlements, where those are known."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from web.pictures.backgrounds import Frame, draw_tiles_below
from web.pictures.drawing import place, quantile_steps, svg, text
from web.words import counted

WIDTH: Final = 400.0
MOST_HEIGHT: Final = 320.0
_PAD: Final = 4.0
_LETTER: Final = 6.5  # units that a letter of a name is wide
_LINE: Final = 13.0  # and high
_FINEST: Final = 0.7  # units: corners of a border that lie nearer than this are one
Point = tuple[float, float]  # longitude and latitude


@dataclass(frozen=True, slots=True)
class Cell:
    """`ring`: the outline; `value`: how many appeals came from it; `link`: where those are, if anywhere."""

    ring: Sequence[Point]
    value: int
    link: str = ""


@dataclass(frozen=True, slots=True)
class Spot:
    """A settlement: its name, and where it lies."""

    name: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Outline:
    """Borders of a part of the region; `link`: where one goes from there."""

    name: str
    rings: Sequence[Sequence[Point]]
    link: str = ""


@dataclass(frozen=True, slots=True)
class _Box:
    """Plate carrée around the middle: true enough for one region. `scale`: units a degree of latitude."""

    west: float
    north: float
    narrowing: float
    scale: float
    height: float

    def at(self, lon: float, lat: float) -> tuple[float, float]:
        return (
            _PAD + (lon - self.west) * self.narrowing * self.scale,
            _PAD + (self.north - lat) * self.scale,
        )

    @property
    def frame(self) -> Frame:
        """To its very edges."""
        unit = 1 / (self.narrowing * self.scale)
        west = self.west - _PAD * unit
        north = self.north + _PAD / self.scale
        return Frame(west, north - self.height / self.scale, west + WIDTH * unit, north, unit)

    def path(self, ring: Iterable[Point], finest: float = 0.0) -> str:
        """An outline; of corners nearer to each other than `finest` units only the first is drawn."""
        corners: list[tuple[float, float]] = []
        for lon, lat in ring:
            corner = self.at(lon, lat)
            if not corners or math.dist(corner, corners[-1]) >= finest:
                corners.append(corner)
        return f"M{'L'.join(f'{place(x)} {place(y)}' for x, y in corners)}Z"


def draw_cells(
    cells: Sequence[Cell],
    title: str,
    spots: Sequence[Spot] = (),
    outlines: Sequence[Outline] = (),
    tiles: str = "",
) -> Markup:
    """Every cell with its number for who points at it; nothing but the label where there is none. Of `spots` the first are
    named as long as names do not cover each other. `tiles`: the address of a source, with {z}, {x} and {y}."""
    if not cells:
        return svg(WIDTH, 40, f"{title}: ячеек с пятью и более обращениями нет", [], "cells")
    box = _fit([*(point for cell in cells for point in cell.ring), *((spot.lon, spot.lat) for spot in spots)])
    steps = quantile_steps([float(cell.value) for cell in cells])
    content = [
        *(draw_tiles_below(box.frame, tiles, box.at) if tiles else ()),
        *(_draw_outline(box, each) for each in outlines),
        *(_draw_cell(box, cell, step) for cell, step in zip(cells, steps, strict=True)),
        *_name_spots(box, spots),
    ]
    most = counted(max(cell.value for cell in cells), "обращение", "обращения", "обращений")
    label = f"{title}: {counted(len(cells), 'ячейка', 'ячейки', 'ячеек')}, в самой тёмной {most}"
    kind = "cells on-tiles" if tiles else "cells"
    return svg(WIDTH, box.height, label, content, kind, "group" if _has_links(cells, outlines) else "img")


def _has_links(cells: Sequence[Cell], outlines: Sequence[Outline]) -> bool:
    return any(cell.link for cell in cells) or any(outline.link for outline in outlines)


def _draw_cell(box: _Box, cell: Cell, step: int) -> Markup:
    words = counted(cell.value, "обращение", "обращения", "обращений")
    drawn = Markup('<path d="{}" class="cell q{}"><title>{}</title></path>').format(
        box.path(cell.ring), step, words
    )
    return _linked(drawn, cell.link, words)


def _draw_outline(box: _Box, outline: Outline) -> Markup:
    rings = "".join(box.path(ring, _FINEST) for ring in outline.rings)
    drawn = Markup('<path d="{}" class="p-border"><title>{}</title></path>').format(rings, outline.name)
    return _linked(drawn, outline.link, outline.name)


def _linked(drawn: Markup, link: str, words: str) -> Markup:
    """By keyboard one goes through the table beside the picture, which has the same links: hundreds of stops are no way."""
    if not link:
        return drawn
    return Markup('<a href="{}" tabindex="-1" aria-label="{}">{}</a>').format(link, words, drawn)


def _name_spots(box: _Box, spots: Sequence[Spot]) -> list[Markup]:
    taken: list[tuple[float, float, float, float]] = []
    drawn: list[Markup] = []
    for spot in spots:
        x, y = box.at(spot.lon, spot.lat)
        wide = len(spot.name) * _LETTER
        to_left = x + 5 + wide > WIDTH
        left = x - 5 - wide if to_left else x + 5
        area = (left, y - _LINE / 2, left + wide, y + _LINE / 2)
        if left < 0 or any(_overlap(area, other) for other in taken):
            continue
        taken.append(area)
        drawn.append(Markup('<circle cx="{}" cy="{}" r="2" class="p-spot"/>').format(place(x), place(y)))
        drawn.append(
            text(x - 5 if to_left else x + 5, y + 4, spot.name, "end" if to_left else "start", "p-name")
        )
    return drawn


def _overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _fit(points: Sequence[Point]) -> _Box:
    lons, lats = [lon for lon, _ in points], [lat for _, lat in points]
    west, north = min(lons), max(lats)
    narrowing = math.cos(math.radians((north + min(lats)) / 2))
    wide = max((max(lons) - west) * narrowing, 1e-6)
    high = max(north - min(lats), 1e-6)
    scale = min((WIDTH - 2 * _PAD) / wide, (MOST_HEIGHT - 2 * _PAD) / high)
    return _Box(west, north, narrowing, scale, high * scale + 2 * _PAD)
