"""Tiles below a map: those that cover it, each where its edges lie, and none where there is no source."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.pictures.backgrounds import DEEPEST, WIDEST, corner_of, tile_at, zoom_of
from web.pictures.cells import WIDTH, Cell, Outline, draw_cells

SOURCE = "https://tiles.example.ru/{z}/{x}/{y}.png?a=1&b=2"
Point = tuple[float, float]


@pytest.mark.parametrize(
    ("zoom", "lon", "lat", "tile"),
    [  # by the formulas of the OpenStreetMap wiki, worked out by hand
        (0, 36.19, 51.73, (0, 0)),
        (1, 36.19, 51.73, (1, 0)),
        (10, 36.19, 51.73, (614, 339)),
        (10, -180, 85.2, (0, 0)),
        (10, 180, -89, (1023, 1023)),
    ],
)
def test_which_tile_shows_a_place(zoom: int, lon: float, lat: float, tile: Point) -> None:
    assert tile_at(zoom, lon, lat) == tile


@given(st.integers(1, 17), st.floats(-179.9, 179.9), st.floats(-84, 84))
def test_a_tile_holds_what_it_shows(zoom: int, lon: float, lat: float) -> None:
    x, y = tile_at(zoom, lon, lat)
    west, north = corner_of(zoom, x, y)
    east, south = corner_of(zoom, x + 1, y + 1)
    assert west - 1e-9 <= lon <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


@given(st.floats(1e-5, 2))
def test_tiles_are_as_wide_as_a_screen_shows_them(unit: float) -> None:
    wide = 360 / 2 ** zoom_of(unit) / unit
    assert wide <= WIDEST or zoom_of(unit) == DEEPEST
    assert wide > WIDEST / 2 or zoom_of(unit) == 0


@given(st.floats(20, 140), st.floats(42, 78), st.floats(0.01, 5), st.floats(0.01, 5))
def test_tiles_cover_the_map_without_gaps(lon: float, lat: float, wide: float, high: float) -> None:
    """West of the line where the days meet: what lies beyond it has no tiles."""
    ring = [(lon, lat), (lon + wide, lat), (lon + wide, lat + high), (lon, lat + high)]
    root = ElementTree.fromstring(draw_cells([Cell(ring, 7)], "Карта", tiles=SOURCE))
    height = float(root.get("viewBox", "").split()[3])
    boxes = sorted(_box_of(each) for each in root.iter("image"))
    lefts, tops = sorted({box[0] for box in boxes}), sorted({box[1] for box in boxes})
    assert len(boxes) == len(lefts) * len(tops) <= 40
    assert lefts[0] <= 0.1
    assert tops[0] <= 0.1
    assert max(x + width for x, _, width, _ in boxes) >= WIDTH - 0.1
    assert max(y + tall for _, y, _, tall in boxes) >= height - 0.1
    for x, y, width, tall in boxes:
        assert x == lefts[-1] or any(math.isclose(x + width - 0.4, each, abs_tol=0.21) for each in lefts)
        assert y == tops[-1] or any(math.isclose(y + tall - 0.4, each, abs_tol=0.21) for each in tops)


def test_what_lies_below_is_drawn_first_and_addressed_as_its_source_says() -> None:
    ring = [(36.0, 51.5), (36.4, 51.5), (36.4, 51.9)]
    root = ElementTree.fromstring(
        draw_cells([Cell(ring, 7)], "Карта", (), [Outline("Район", [ring])], SOURCE)
    )
    kinds = [each.tag for each in root]
    assert kinds == sorted(kinds, key=lambda kind: kind != "image")
    addresses = {each.get("href", "") for each in root.iter("image")}
    assert len(addresses) == kinds.count("image") > 0
    found = [
        re.fullmatch(r"https://tiles\.example\.ru/(\d+)/\d+/\d+\.png\?a=1&b=2", each) for each in addresses
    ]
    assert len({each and each[1] for each in found}) == 1
    assert all(found)


def test_without_a_source_there_is_nothing_below() -> None:
    assert "<image" not in draw_cells([Cell([(36.0, 51.5), (36.4, 51.5), (36.4, 51.9)], 7)], "Карта")


def _box_of(image: Any) -> tuple[float, float, float, float]:
    x, y, width, height = (float(image.get(name)) for name in ("x", "y", "width", "height"))
    return x, y, width, height
