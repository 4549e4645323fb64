"""Figures as pictures: cells of a map and months, in the units of an SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, radians
from typing import Final

from contracts.extents import BOXES
from web.citizen.views import Cell, Month

WIDTH: Final = 1000.0
_MARGIN: Final = 12.0
_TALLEST: Final = 900.0
_SHADES: Final = 5
_NAMES: Final = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """A cell: path, how dark (1..5), how many appeals."""

    path: str
    shade: int
    received: int


@dataclass(frozen=True, slots=True)
class Shade:
    """A step of the legend: from this many appeals on."""

    number: int
    least: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """A map. `height` for a width of 1000."""

    height: float
    cells: Sequence[DrawnCell]
    legend: Sequence[Shade]


@dataclass(frozen=True, slots=True)
class Bar:
    """A month: `x` and `height` in hundredths of the picture; `received` None where few appeals are not shown."""

    name: str
    year: int
    received: int | None
    x: float
    height: float


def draw_cells(cells: Sequence[Cell]) -> Drawing | None:
    """Cells in a plane around their middle latitude; None where there are none.

    Shades are fifths of the cells by their number, so that one crowded town does not leave the rest blank."""
    if not cells:
        return None
    rings = [cell.geometry.coordinates[0] for cell in cells]
    points = [point for ring in rings for point in ring]
    south, north = min(lat for _, lat in points), max(lat for _, lat in points)
    squeeze = cos(radians((south + north) / 2))
    west, east = min(lon for lon, _ in points) * squeeze, max(lon for lon, _ in points) * squeeze
    scale = min((WIDTH - 2 * _MARGIN) / (east - west), (_TALLEST - 2 * _MARGIN) / (north - south))
    left = (WIDTH - scale * (east - west)) / 2

    def place(point: tuple[float, float]) -> str:
        return f"{left + (point[0] * squeeze - west) * scale:.1f} {_MARGIN + (north - point[1]) * scale:.1f}"

    least = shades_of([cell.properties.received for cell in cells])
    drawn = [
        DrawnCell(
            "M" + "L".join(map(place, ring)) + "z",
            sum(cell.properties.received >= each for each in least),
            cell.properties.received,
        )
        for cell, ring in zip(cells, rings, strict=True)
    ]
    legend = [Shade(number, each) for number, each in enumerate(least, 1)]
    return Drawing((north - south) * scale + 2 * _MARGIN, drawn, legend)


def shades_of(counts: Sequence[int]) -> list[int]:
    """The least number of each shade, rising; fewer shades where many numbers are equal."""
    ordered = sorted(counts)
    return sorted({ordered[len(ordered) * step // _SHADES] for step in range(_SHADES)})


def draw_months(months: Sequence[Month]) -> list[Bar]:
    """Bars of at most 100, from the first month that had anything to show."""
    while months and months[0].received is None:
        months = months[1:]
    tallest = max((month.received or 0 for month in months), default=0) or 1
    width = 100 / max(len(months), 1)
    return [
        Bar(
            _NAMES[month.start.month - 1],
            month.start.year,
            month.received,
            place * width,
            100 * (month.received or 0) / tallest,
        )
        for place, month in enumerate(months)
    ]


def middle_of(region: str) -> tuple[float, float]:
    """Where a map of a region begins: latitude and longitude, degrees."""
    box = BOXES[region]
    east = box.east if box.west <= box.east else box.east + 360
    return (box.south + box.north) / 2, (box.west + east) / 2


def month_words(start: date) -> str:
    """октябрь 2026."""
    return f"{_MONTHS[start.month - 1]} {start.year}"


_MONTHS: Final = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
