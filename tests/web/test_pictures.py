"""Pictures: what is drawn is what was given, and is said in words too."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from contracts.territories import REGIONS
from web.pictures.borders import Borders
from web.pictures.cells import Cell, Outline, Spot, draw_cells
from web.pictures.drawing import quantile_steps, round_up
from web.pictures.funnels import draw_interval
from web.pictures.lines import LinePoint, describe, draw_lines
from web.pictures.tiles import COLUMNS, PLACES, SIZE, Tile, draw_tiles

EVIL = '"><script>alert(1)</script>'
RING = [(36.13, 51.74), (36.16, 51.72), (36.21, 51.72), (36.23, 51.75), (36.2, 51.78), (36.13, 51.74)]


@pytest.mark.parametrize(
    ("value", "top"), [(1, 2), (3.9, 4), (4.1, 8), (17, 20), (81, 200), (201, 400), (79, 80)]
)
def test_an_axis_ends_at_a_round_number_not_below(value: float, top: float) -> None:
    found = round_up(value)
    assert found >= value
    assert found == pytest.approx(top)


def test_equal_values_are_in_one_class_and_the_greatest_in_the_last() -> None:
    assert quantile_steps([5, 1, 1, 9, 7]) == [1, 0, 0, 3, 2]
    assert quantile_steps([float(each) for each in range(10)])[-1] == 4
    assert quantile_steps([3, 3]) == [0, 0]
    assert quantile_steps([]) == []


def test_every_subject_has_one_tile_and_no_two_the_same_place() -> None:
    assert PLACES.keys() == REGIONS.keys()
    assert len(set(PLACES.values())) == len(REGIONS)
    assert len(PLACES) == 89


def test_tiles_lead_to_their_regions_and_the_unknown_nowhere() -> None:
    picture = draw_tiles(
        [Tile("46", 12, "12", "/room?region=46"), Tile("77", 3, "3", "/room?region=77")], EVIL
    )
    root = ElementTree.fromstring(picture)
    links = {each.get("href"): each.get("aria-label") for each in root.iter("a")}
    assert links == {"/room?region=46": "Курская область: 12", "/room?region=77": "Москва: 3"}
    assert len(list(root.iter("rect"))) == 89
    assert max(float(each.get("x", 0)) for each in root.iter("rect")) < COLUMNS * SIZE


def test_a_line_breaks_where_nothing_is_known() -> None:
    points = [LinePoint("1.11", 2.0), LinePoint("2.11", None), LinePoint("3.11", 4.0), LinePoint("4.11", 5.0)]
    root = ElementTree.fromstring(draw_lines(points, "Поступило"))
    (line,) = [each.get("d", "") for each in root.iter("path") if each.get("class") == "p-line"]
    assert re.findall("[ML]", line) == ["M", "M", "L"]


def test_where_nothing_came_the_axis_has_whole_numbers() -> None:
    root = ElementTree.fromstring(draw_lines([LinePoint("1.11", 0.0), LinePoint("2.11", 0.0)], "Поступило"))
    assert [each.text for each in root.iter("text")][:5] == ["0", "1", "2", "3", "4"]


def test_a_line_is_said_in_words() -> None:
    points = [
        LinePoint("1.11", 2.0),
        LinePoint("2.11", 9.0),
        LinePoint("3.11", 4.0),
        LinePoint("4.11", None, 5.0, 1.0, 8.0),
    ]
    words = "С 1.11 по 3.11: последнее значение 4, наибольшее 9 (2.11). Дальше ожидается от 1 до 8."
    assert describe(points) == words
    assert ElementTree.fromstring(draw_lines(points, "Поступило")).get("aria-label") == f"Поступило. {words}"
    assert describe([]) == "Данных нет."


def test_cells_keep_within_their_box_and_say_their_number() -> None:
    east = [(lon + 1, lat - 0.5) for lon, lat in RING]
    root = ElementTree.fromstring(draw_cells([Cell(RING, 7), Cell(east, 41)], "Карта"))
    width, height = map(float, root.get("viewBox", "").split()[2:])
    for path in root.iter("path"):
        places = [tuple(map(float, each.split())) for each in re.split("[MLZ]", path.get("d", "")) if each]
        assert all(0 <= x <= width and 0 <= y <= height for x, y in places)
    assert [each.text for each in root.iter("title")] == ["7\u00a0обращений", "41\u00a0обращение"]
    assert "нет" in (ElementTree.fromstring(draw_cells([], "Карта")).get("aria-label") or "")


def test_a_map_names_its_largest_settlements_without_covering_one_another() -> None:
    near = (RING[0][0] + 0.001, RING[0][1])
    far = (RING[0][0] + 2, RING[0][1] - 1)
    spots = [Spot("Первый", *RING[0]), Spot("Второй", *near), Spot("Третий", *far)]
    root = ElementTree.fromstring(draw_cells([Cell(RING, 7)], "Карта", spots))
    assert [each.text for each in root.iter("text")] == ["Первый", "Третий"]
    assert [each.get("text-anchor") for each in root.iter("text")] == ["start", "end"], "inside the picture"


def test_cells_and_parts_lead_to_what_is_behind_them() -> None:
    outline = Outline("Район", [RING, RING], "/room?municipality=38620000")
    drawn = draw_cells([Cell(RING, 7, "/room/appeals?cell=88"), Cell(RING, 5)], "Карта", (), [outline])
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "group", "what is inside is to be reached"
    assert [each.get("href") for each in root.iter("a")] == [
        "/room?municipality=38620000",
        "/room/appeals?cell=88",
    ]
    assert ElementTree.fromstring(draw_cells([Cell(RING, 5)], "Карта")).get("role") == "img"


def test_borders_are_read_from_a_file_and_read_again_when_it_changes(tmp_path: Path) -> None:
    def write(*names: str) -> None:
        features = [
            {
                "type": "Feature",
                "properties": {"oktmo": f"3862000{place}", "name": name, "id": 7},
                "geometry": {"type": "MultiPolygon", "coordinates": [[list(map(list, RING))]]},
            }
            for place, name in enumerate(names)
        ]
        (tmp_path / "46.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))

    borders = Borders(str(tmp_path))
    assert borders.of("46") == []
    write("Один")
    os.utime(tmp_path / "46.geojson", (1, 1))
    assert [(each.code, each.name, each.rings) for each in borders.of("46")] == [("38620000", "Один", [RING])]
    write("Один", "Два")
    assert len(borders.of("46")) == 2
    (tmp_path / "46.geojson").write_text('{"features": [{"geometry": {"type": "Point"}}]}')
    os.utime(tmp_path / "46.geojson", (2, 2))
    assert borders.of("46") == [], "a broken file is no map"
    assert Borders("").of("46") == []


def test_who_lies_outside_is_drawn_so() -> None:
    inside = draw_interval(0.8, 0.85, 0.7, 0.95, "В срок")
    outside = draw_interval(0.5, 0.85, 0.7, 0.95, "В срок")
    assert ("p-inside" in inside, "p-outside" in inside) == (True, False)
    assert ("p-inside" in outside, "p-outside" in outside) == (False, True)


@pytest.mark.parametrize(
    "picture",
    [
        draw_tiles([Tile("46", 1, EVIL, EVIL)], EVIL),
        draw_lines([LinePoint(EVIL, 1.0), LinePoint(EVIL, 2.0)], EVIL),
        draw_cells([Cell(RING, 5, EVIL)], EVIL, [Spot(EVIL, *RING[0])], [Outline(EVIL, [RING], EVIL)]),
        draw_interval(0.1, 0.2, 0.1, 0.3, EVIL),
    ],
)
def test_words_stay_words_and_nothing_is_styled_inline(picture: str) -> None:
    root = ElementTree.fromstring(picture)
    assert not [each for each in root.iter() if "script" in each.tag or "style" in each.attrib]
