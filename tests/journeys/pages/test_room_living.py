"""An open screen of the room follows what happens, and stands still when it is told to."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from harness.browser import needs_browser
from tests.journeys.pages.conftest import Site
from tests.journeys.steps import submitted

pytestmark = needs_browser
WITHIN_MS = 5_000
TEXT = "Не горит фонарь у остановки на улице Союзной, ходить темно"


def _received(page: Page) -> int:
    shown = page.locator(".headlines a", has_text="Поступило").locator(".figure").inner_text()
    return int(re.sub(r"\D", "", shown))


def _open(site: Site, path: str = "/room") -> Page:
    page = site.enter("coordinator", path)
    expect(page.get_by_text("Обновляется само")).to_be_visible()
    page.evaluate("window.untouched = true")
    return page


def _await(page: Page, number: int) -> None:
    page.wait_for_function(
        "number => Number([...document.querySelectorAll('.headlines a')].find(each => each.textContent.includes('Поступило'))"
        ".querySelector('.figure').textContent.replace(/\\D/g, '')) >= number",
        arg=number,
        timeout=WITHIN_MS,
    )


def test_what_came_in_stands_there_within_five_seconds(site: Site) -> None:
    """Without the page being loaded again, and whoever has the focus keeps it, as does whatever was opened."""
    page = _open(site)
    before = _received(page)
    page.locator("#live summary").first.click()
    link = page.locator(".headlines a", has_text="Оценка граждан")
    link.focus()
    submitted(site.system, text=TEXT)
    _await(page, before + 1)
    assert page.evaluate("window.untouched") is True
    assert page.locator("#live details").first.get_attribute("open") is not None
    assert "Оценка граждан" in page.evaluate("document.activeElement.textContent")
    page.context.close()


def test_a_pause_holds_until_it_is_ended(site: Site) -> None:
    page = _open(site, "/room/wall")
    before = _received(page)
    page.get_by_role("button", name="Остановить обновление").click()
    submitted(site.system, text=TEXT)
    expect(page.get_by_text("На паузе, есть новые данные")).to_be_visible(timeout=WITHIN_MS)
    assert _received(page) == before
    page.get_by_role("button", name="Продолжить обновление").click()
    _await(page, before + 1)
    page.context.close()


def test_a_line_that_breaks_is_taken_up_again(site: Site) -> None:
    page = _open(site)
    before = _received(page)
    page.context.set_offline(True)
    submitted(site.system, text=TEXT)
    page.context.set_offline(False)
    page.wait_for_function("navigator.onLine")
    _await(page, before + 1)
    page.context.close()


def test_the_stream_ends_for_who_signs_out(site: Site) -> None:
    """What a browser asks for then is no stream, but the form for signing in."""
    page = _open(site)
    other = page.context.new_page()
    other.goto("/account")
    other.get_by_role("button", name="Выйти", exact=True).click()
    other.wait_for_url("**/sign-in")
    answer = page.context.request.get("/room/stream?region=46")
    assert "text/html" in answer.headers["content-type"]
    page.context.close()
