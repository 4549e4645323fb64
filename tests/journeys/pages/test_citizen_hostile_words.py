"""Whatever people write is shown as text: pieces of pages and scripts in every field, in addresses, in what officials answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import httpx2
from playwright.sync_api import Dialog, Page

from harness.browser import needs_browser
from harness.system import Account
from tests.journeys.pages.citizens import MENDED, answer, appeal_about_a_hole, send, write
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.hostile import TOGETHER, WORDS
from tests.journeys.steps import act, claimed, until

pytestmark = needs_browser
FIELDS = ("address", "name", "phone", "email")
# Elements that only these words could have made, and handlers that no page of ours has.
_STRANGE = """() => [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on') || a.name.startsWith('hx-on'))
  || ['IFRAME', 'OBJECT', 'EMBED', 'BASE', 'VIDEO', 'MARQUEE', 'MATH', 'STYLE', 'XSS'].includes(e.tagName)
  || (e.tagName === 'SCRIPT' && !e.src.startsWith(location.origin + '/static/'))
  || (e.href && String(e.href.baseVal ?? e.href).startsWith('javascript:'))).map(e => e.outerHTML.slice(0, 200))"""


def harmless(page: Page) -> list[str]:
    """Elements on a page that are not its own."""
    found: list[str] = page.evaluate(_STRANGE)
    return found


def armed(site: Site, path: str) -> tuple[Page, list[str]]:
    """A page on which `hit()` is heard of, and any dialog."""
    page = site.visit(path)
    heard: list[str] = []
    page.context.expose_function("hit", lambda *which: heard.append(str(which)))

    def hear(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    page.reload()
    return page, heard


def test_there_are_enough_of_them() -> None:
    assert len(set(WORDS)) >= 100


def test_a_form_that_comes_back_shows_them_in_every_field(site: Site) -> None:
    page, heard = armed(site, "/")
    fill = """([together, words, fields]) => {
      const form = document.querySelector('#report');
      form.elements.form_token.value = 'none';
      form.elements.text.value = together;
      for (const name of fields) { form.elements[name].removeAttribute('maxlength'); form.elements[name].type = 'text'; form.elements[name].value = words; }
      form.elements.topic.append(new Option('x', together, true, true));
      form.elements.lat.value = form.elements.lon.value = together;
      HTMLFormElement.prototype.submit.call(form);
    }"""
    with page.expect_navigation():
        page.evaluate(fill, [TOGETHER, " ".join(WORDS), FIELDS])
    assert "Обращение пока не отправлено" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Что случилось?").input_value() == TOGETHER.strip()
    for name in FIELDS:
        assert page.locator(f"[name={name}]").input_value() == " ".join(WORDS).strip(), name
    page.wait_for_load_state("networkidle")
    assert (harmless(page), heard) == ([], [])
    page.context.close()


def test_an_appeal_shows_them_in_questions_answers_and_comments(site: Site) -> None:
    appeal, agency = appeal_about_a_hole(site.system)
    path = f"/track/{appeal['tracking_code']}"
    item = claimed(agency, appeal["id"])
    item |= act(agency, item, "accept")
    act(agency, item, "clarify", question=TOGETHER[:1900])
    until(lambda: site.system.http.get(f"/api/v1{path}").json()["may_clarify"])
    page, heard = armed(site, path)
    assert "<script>hit(1)</script>" in page.locator("#clarification .quote").inner_text()
    page.get_by_label("Ваш ответ").fill(TOGETHER[-1900:])
    with page.expect_navigation():
        page.get_by_role("button", name="Отправить уточнение").click()
    item = until(lambda: found if (found := _read(agency, item["id"]))["status"] == "accepted" else None)
    answer(site.system, agency, appeal, f"{MENDED} {TOGETHER}", item)
    page.goto(path)
    assert page.locator(".answer .quote *").count() == 0
    assert "<script>hit(1)</script>" in page.locator(".answer .quote").inner_text()
    page.evaluate("document.querySelector('#rating form').noValidate = true")
    page.get_by_label("Что сказать исполнителю").fill(TOGETHER[:1900])
    page.get_by_role("button", name="Оценить").click()
    page.get_by_text("Отметьте, решён ли вопрос").wait_for()
    assert page.get_by_label("Что сказать исполнителю").input_value() == TOGETHER[:1900]
    assert (harmless(page), heard) == ([], [])
    page.context.close()


def _read(agency: Account, assignment_id: str) -> dict[str, Any]:
    found: dict[str, Any] = agency.get(f"/api/v1/assignments/{assignment_id}").json()
    return found


def test_an_appeal_made_of_them_goes_its_way(site: Site) -> None:
    page, heard = armed(site, "/")
    write(page, f"Яма на дороге {TOGETHER[:5000]}", Имя=WORDS[0])
    page.get_by_placeholder("Город, улица, дом").fill(WORDS[20])
    page.wait_for_load_state("networkidle")
    code = send(page)
    page.goto(f"/track/{code}")
    assert (harmless(page), heard) == ([], [])
    page.context.close()


def test_addresses_made_of_them_show_nothing_of_them(site: Site) -> None:
    with httpx2.Client(base_url=site.url, follow_redirects=True, timeout=30) as client:
        for word in WORDS:
            named = quote(word, safe="")
            for path in (
                f"/track/{named}",
                f"/track?code={named}",
                f"/track/2222?done={named}",
                f"/?region={named}&form={named}",
            ):
                shown = client.get(path)
                assert shown.status_code in (200, 400, 404), (path, shown.status_code)
                assert "<" not in word or word not in shown.text, path
                assert f"{shown.url.scheme}://{shown.url.netloc.decode()}" == site.url, path
