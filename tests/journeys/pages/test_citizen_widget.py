"""The form on an authority's own site: another origin, another look, isolated."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from harness.browser import needs_browser
from tests.journeys.pages.citizens import HOLE, OLD_ENOUGH_MS
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import complaints

pytestmark = needs_browser
MOST_BYTES = 15 * 1024
_PAGE = """<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Школа № 7</title>
<style>* {{ color: rgb(1, 2, 3) }} button {{ background: hotpink !important; display: none !important }}
otklik-widget {{ --otklik-accent: #0a6b3d; --otklik-radius: 0px }}</style></head><body><main><h1>Школа № 7</h1>
<otklik-widget></otklik-widget></main><script src="{pages}/widget.js" data-key="{key}"></script></body></html>"""
# What such a site may forbid itself: our script and the platform's answers are all that is needed.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src {pages} {platform}; connect-src {pages} {platform}"


class School(ThreadingHTTPServer):
    """A site on a port of its own; `page` and `policy` are what it shows."""

    page = ""
    policy = ""

    @property
    def origin(self) -> str:
        """As browsers name it."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Shown(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """The page, whatever is asked for; nothing is logged."""
        assert isinstance(self.server, School)
        body = self.server.page.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def school() -> Iterator[School]:
    """A site beside the platform."""
    server = School(("127.0.0.1", 0), _Shown)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def key_for(site: Site, origin: str) -> str:
    """Of a widget that this site may show."""
    new = {"region": "46", "title": f"Сообщите нам {uuid4().hex[:6]}", "origins": [origin]}
    made = site.system.account("admin").post("/api/v1/widgets", json=new)
    assert made.status_code == 201, made.text
    return str(made.json()["key"])


def test_a_school_shows_the_form_and_a_parent_writes(site: Site, school: School) -> None:
    # The script lies where the platform answers; pages that are served beside it do not.
    platform = site.system.url
    school.page = _PAGE.format(pages=platform, key=key_for(site, school.origin))
    school.policy = _POLICY.format(pages=platform, platform=platform)
    context = site.browser.new_context(locale="ru-RU")
    page = context.new_page()
    wrong: list[str] = []
    page.on("console", lambda line: wrong.append(line.text))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    if site.url != platform:
        beside = f"{site.url}/widget.js"
        context.route("**/widget.js", lambda route: route.fulfill(response=context.request.get(beside)))
    page.goto(school.origin)
    text = page.get_by_label("Что случилось?")
    text.fill(HOLE)
    assert page.locator("otklik-widget h2").inner_text().startswith("Сообщите нам")
    button = page.get_by_role("button", name="Отправить")
    assert button.is_visible(), "the site's styles do not reach in"
    styles = "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).borderTopLeftRadius]"
    assert button.evaluate(styles) == ["rgb(10, 107, 61)", "0px"], "its variables do"
    assert complaints(page) == []
    page.get_by_label("Имя (не обязательно)").fill("Мария")
    page.wait_for_timeout(OLD_ENOUGH_MS)
    button.click()
    expect(page.get_by_role("heading", name="Обращение принято")).to_be_focused(timeout=20_000)
    code = page.locator("otklik-widget .code").inner_text()
    assert site.system.http.get(f"/api/v1/track/{code}").status_code == 200
    assert (
        page.get_by_role("link", name="Следить за обращением").get_attribute("href")
        == f"{platform}/track/{code}"
    )
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    assert wrong == []
    context.close()


def test_a_site_that_is_not_the_widgets_is_shown_no_form(site: Site, school: School) -> None:
    school.page = _PAGE.format(pages=site.url, key=key_for(site, "https://school.example.ru"))
    school.policy = _POLICY.format(pages=site.url, platform=site.system.url)
    context = site.browser.new_context(locale="ru-RU")
    page = context.new_page()
    page.goto(school.origin)
    expect(page.get_by_role("alert")).to_have_text("Форма сейчас недоступна.", timeout=20_000)
    assert page.get_by_role("button", name="Повторить").is_visible()
    context.close()


def test_the_script_is_small_and_kept_for_an_hour(site: Site) -> None:
    context = site.browser.new_context(base_url=site.url)
    answer = context.request.get("/widget.js")
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=3600"
    assert len(gzip.compress(answer.body())) <= MOST_BYTES
    context.close()
