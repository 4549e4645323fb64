"""A citizen marks the place on a map, by a click and without a mouse, where the installation has tiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from harness.browser import needs_browser, watch
from tests.journeys.pages.beside import pages_beside, tiles
from tests.journeys.pages.citizens import HOLE, write
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import keys_to, look_well

pytestmark = needs_browser


@pytest.fixture(scope="module")
def mapped(site: Site) -> Iterator[tuple[Site, str]]:
    """Pages with a source of tiles, and what its addresses begin with."""
    with tiles() as source, pages_beside(site.system, tile_url=source) as url:
        yield replace(site, url=url), source.partition("/{z}")[0]


def opened(site: Site) -> Page:
    """The form with its map."""
    page = site.visit("/")
    write(page, HOLE)
    page.get_by_role("button", name="Показать на карте").click()
    expect(page.locator("#picker .leaflet-tile-loaded").first).to_be_visible(timeout=30_000)
    return page


def point_of(page: Page) -> tuple[float, float]:
    """Where the form says it is."""
    lat, lon = (page.locator(f"[name={name}]").input_value() for name in ("lat", "lon"))
    return float(lat), float(lon)


def test_a_click_on_the_map_marks_the_place(mapped: tuple[Site, str]) -> None:
    site, source = mapped
    page = site.visit("/")
    wrong = watch(page, site.url)
    write(page, HOLE)
    page.get_by_role("button", name="Показать на карте").click()
    expect(page.locator("#picker .leaflet-tile-loaded").first).to_be_visible(timeout=30_000)
    page.locator("#picker").click(position={"x": 120, "y": 150})
    expect(page.locator("#place")).to_have_text("Точка отмечена на карте.")
    first = point_of(page)
    page.locator("#picker").click(position={"x": 220, "y": 150})
    second = point_of(page)
    assert second[1] > first[1]
    assert second[0] == pytest.approx(first[0], abs=0.01)
    assert 50 < first[0] < 53
    assert 33 < first[1] < 39
    page.wait_for_load_state("networkidle")
    look_well(page)
    assert [each for each in wrong if source not in each] == [], "tiles alone come from elsewhere"
    page.context.close()


def test_without_a_mouse_the_middle_of_the_map_is_marked(mapped: tuple[Site, str]) -> None:
    site, _ = mapped
    page = opened(site)
    expect(page.locator("#picker")).to_be_focused()
    keys_to(page, "Отметить середину карты")
    page.keyboard.press("Enter")
    expect(page.locator("#place")).to_have_text("Точка отмечена на карте.")
    before = point_of(page)
    page.locator("#picker").focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    keys_to(page, "Отметить середину карты")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "before => Number(document.querySelector('[name=lon]').value) > before", arg=before[1]
    )
    page.context.close()


def test_where_there_are_no_tiles_no_map_is_offered(site: Site) -> None:
    page = site.visit("/")
    write(page, HOLE)
    expect(page.get_by_role("button", name="Я сейчас там")).to_be_visible()
    expect(page.get_by_role("button", name="Показать на карте")).to_be_hidden()
    page.context.close()
