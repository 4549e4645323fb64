"""The map of the situation room stands on tiles, where the installation has a source of them."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import expect

from harness.browser import needs_browser, watch
from tests.journeys.pages.beside import pages_beside, tiles
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well
from tests.journeys.steps import submitted, until

pytestmark = needs_browser
PLACE = {"lat": 51.7012, "lon": 36.1433}


def test_the_region_s_map_stands_on_tiles(site: Site) -> None:
    """They come from their source alone, say whose they are, and cells and their table stay what they are."""
    for number in range(6):
        submitted(site.system, text=f"Не горит фонарь у дома {number + 1} в парке Героев", location=PLACE)
    analyst = site.system.account("analyst")
    until(lambda: analyst.get("/api/v1/analytics/heatmap", params={"region": "46"}).json()["features"])
    credit = "© Хранители карт"
    with tiles() as source, pages_beside(site.system, tile_url=source, tile_credit=credit) as url:
        page = replace(site, url=url).enter("coordinator", "/room")
        wrong = watch(page, url)
        page.reload()
        below = page.locator(".on-tiles image")
        expect(below.first).to_be_attached()
        beginning = source.partition("/{z}")[0]
        addresses = below.evaluate_all("images => images.map(each => each.getAttribute('href'))")
        assert all(each.startswith(f"{beginning}/") for each in addresses)
        expect(page.get_by_text(f"Карта: {credit}.")).to_be_visible()
        assert page.locator(".on-tiles path.cell").count() >= 1
        look_well(page)
        foreign = [each for each in wrong if beginning not in each and "/room/" not in each]
        assert foreign == [], "tiles alone come from elsewhere"
        page.context.close()
