"""A map of H3 cells without a ground: their outlines, projected to a box; darker is more."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from web.pictures.drawing import place, quantile_steps, svg
from web.words import counted

WIDTH: Final = 400.0
MOST_HEIGHT: Final = 320.0
_PAD: Final = 4.0


@dataclass(frozen=True, slots=True)
class Cell:
    """`ring`: the outline as longitude and latitude; `value`: how many appeals came from it."""

    ring: Sequence[tuple[float, float]]
    value: int


@dataclass(frozen=True, slots=True)
class _Box:
    """Plate carrée around the middle: true enough for one region. `scale`: units a degree of latitude."""

    west: float
    north: float
    narrowing: float
    scale: float
    height: float

    def spot(self, lon: float, lat: float) -> str:
        x = _PAD + (lon - self.west) * self.narrowing * self.scale
        y = _PAD + (self.north - lat) * self.scale
        return f"{place(x)} {place(y)}"


def draw_cells(cells: Sequence[Cell], title: str) -> Markup:
    """Every cell with its number for who points at it; nothing but the label where there is none."""
    if not cells:
        return svg(WIDTH, 40, f"{title}: ячеек с пятью и более обращениями нет", [], "cells")
    box = _fit(cells)
    steps = quantile_steps([float(cell.value) for cell in cells])
    content = [
        Markup('<path d="M{}Z" class="cell q{}"><title>{}</title></path>').format(
            "L".join(box.spot(lon, lat) for lon, lat in cell.ring),
            step,
            counted(cell.value, "обращение", "обращения", "обращений"),
        )
        for cell, step in zip(cells, steps, strict=True)
    ]
    most = counted(max(cell.value for cell in cells), "обращение", "обращения", "обращений")
    label = f"{title}: {counted(len(cells), 'ячейка', 'ячейки', 'ячеек')}, в самой тёмной {most}"
    return svg(WIDTH, box.height, label, content, "cells")


def _fit(cells: Sequence[Cell]) -> _Box:
    lons = [lon for cell in cells for lon, _ in cell.ring]
    lats = [lat for cell in cells for _, lat in cell.ring]
    west, north = min(lons), max(lats)
    narrowing = math.cos(math.radians((north + min(lats)) / 2))
    wide = max((max(lons) - west) * narrowing, 1e-6)
    high = max(north - min(lats), 1e-6)
    scale = min((WIDTH - 2 * _PAD) / wide, (MOST_HEIGHT - 2 * _PAD) / high)
    return _Box(west, north, narrowing, scale, high * scale + 2 * _PAD)
