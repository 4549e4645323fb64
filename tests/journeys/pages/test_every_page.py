"""Every page there is, generated from the routes: reached by the Tab key, without a complaint of axe in either theme, and light."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from harness.browser import needs_browser
from harness.system import System
from infra.page_list import read_table
from tests.journeys.foreign.callers import home_values
from tests.journeys.foreign.things import HOME, make_incident
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import complaints
from tests.journeys.pages.strange_forms import KINDS
from tests.journeys.pages.walkers import WHO, fill, looked_at_by, names_in
from tests.journeys.pages.walking import Scales, walk_by_tab
from tests.journeys.pages.workplace import new_task, official
from tests.journeys.steps import submitted

pytestmark = needs_browser
SETTLING_MS = 500  # what a page asks for by itself; the room never stops to
LIGHT, HEAVY = 60 * 1024, 150 * 1024
# Files, what is endless, parts of pages, and an issuer that the demo has none of: there is nothing to look at.
NO_PAGES = (
    "/centre/choices",
    "/room/live",
    "/sign-in/outside",
    "/sign-in/outside/back",
    "/static/{path:path}",
    "/robots.txt",
    "/widget.js",
    "/room/stream",
    "/room/report",
    "/room/export",
)
Things = dict[str, dict[str, str]]


PAGES = [
    (path, looked_at_by(who))
    for (method, path), who in read_table().items()
    if method == "GET" and who != {"inside"} and path not in NO_PAGES and "/files/" not in path
]


@pytest.fixture(scope="module")
def things(system: System) -> Things:
    """What each role's pages are about; made before there is a browser, whose driver holds the thread's event loop."""
    home, task = home_values(system), new_task(system)
    policies = system.account("admin").get("/api/v1/policies", params={"region": HOME}).json()["items"]
    own = {
        "appeal": task.item["appeal_id"],
        "assignment": task.item["id"],
        "incident": make_incident(system, HOME, official(system).organisation_id),
    }
    code = submitted(system)["tracking_code"]
    shared = home | {"code": code, "policy": policies[0]["id"]}
    return {who: shared | (own if who == "agency" else {}) for who in WHO}


@pytest.fixture(scope="module")
def browsers(things: Things, site: Site) -> Iterator[dict[str, Page]]:
    """A browser of each role."""
    assert things
    found = {role: site.enter(role, "/account") for role in WHO if role != "nobody"}
    found["nobody"] = site.visit("/robots.txt")
    found["admin"].context.add_cookies([{"name": "otklik-centre", "value": HOME, "url": site.url}])
    yield found
    for page in found.values():
        page.context.close()


@pytest.mark.parametrize(("path", "who"), PAGES)
def test_a_page_is_reached_by_keys_reads_well_and_is_light(
    things: Things, browsers: dict[str, Page], path: str, who: str
) -> None:
    page, values = browsers[who], things[who]
    scales = Scales(page)
    named = {name: values[kind or name] for name, kind in KINDS.items() if (kind or name) in values}
    query = f"?region={HOME}&appeal={values['appeal']}&problem={values['problem']}" if who != "nobody" else ""
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    answer = page.goto(fill(path, named) + query)
    assert answer is not None
    may_miss = {"answer_id", "client_id", "audit_id", "template_id"} & set(names_in(path))
    assert answer.status == 200 or may_miss, (path, answer.status)
    page.locator("h1, main").first.wait_for()
    page.wait_for_timeout(SETTLING_MS)
    assert scales.take() <= (LIGHT if who == "nobody" else HEAVY)
    assert walk_by_tab(page) == []
    page.evaluate(
        "document.activeElement.blur()"
    )  # the way past the menu covers the mark while it has the focus
    assert complaints(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert complaints(page) == []
