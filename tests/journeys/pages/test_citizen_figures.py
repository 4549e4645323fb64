"""Map, figures and design, as everybody sees them."""

from __future__ import annotations

from harness.browser import needs_browser
from tests.journeys.pages.conftest import NARROW, Site, watch
from tests.journeys.pages.looking import look_well

pytestmark = needs_browser


def test_map_and_figures_of_the_one_region_and_of_another(site: Site) -> None:
    page = site.visit("/map", width=NARROW)
    wrong = watch(page, site.url)
    assert page.get_by_role("heading", level=1).inner_text() == "Курская область: карта и цифры"
    look_well(page)
    page.get_by_label("Другой регион").select_option("59")
    page.get_by_role("button", name="Показать").click()
    page.wait_for_url("**region=59")
    assert page.get_by_role("heading", level=1).inner_text() == "Пермский край: карта и цифры"
    assert wrong == []
    page.goto("/map?region=nowhere")
    assert page.get_by_role("heading", level=1).inner_text() == "Курская область: карта и цифры"
    page.context.close()


def test_the_design_shows_its_components_well(site: Site) -> None:
    page = site.visit("/design")
    wrong = watch(page, site.url)
    page.reload()
    assert page.locator("h2").count() >= 12
    look_well(page)
    assert wrong == []
    page.context.close()
