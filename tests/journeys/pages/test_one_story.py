"""One story over all pages: a citizen writes, an official answers, a coordinator returns it and lets the next one pass, the citizen is
not content, and the situation room counts it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Page, expect

from harness.browser import needs_browser
from harness.system import System
from tests.journeys.pages.centre import entry, listed
from tests.journeys.pages.citizens import send, write
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.workplace import EMPTY_WORDS, GOOD_ANSWER, at_work, clear_queue, official
from tests.journeys.steps import tracked, until

pytestmark = needs_browser
STREET = "сл. Белая, ул. Кирова, д. 77"
RUDE = f"{GOOD_ANSWER} Перестаньте писать глупости, читать надо было раньше."
MENDED = GOOD_ANSWER.replace("Фотоотчёт приложен. ", "")


def submitted_by_page(site: Site) -> tuple[Page, str]:
    """The citizen's browser, and the code of the receipt."""
    page = site.visit("/")
    write(page, f"Наледь у подъезда, {STREET}, дорожки песком не посыпают. {uuid4().hex[:6]}")
    page.get_by_placeholder("Город, улица, дом").fill(STREET)
    page.get_by_text("Тема – можно не выбирать").click()
    page.locator("select[name=topic]").select_option("yard-snow-mkd")
    return page, send(page)


def task_of(system: System, code: str) -> dict[str, Any]:
    """The assignment in the official's queue."""
    number, who = until(lambda: tracked(system, code).get("number"), 60), official(system)

    def in_queue() -> Any:
        items = who.get("/api/v1/queue", params={"limit": 1000}).json()["items"]
        return next((each for each in items if each["number"] == number and each["due_at"]), None)

    found: dict[str, Any] = until(in_queue, 90)
    return found


def returned_with(page: Page, number: str, words: str) -> None:
    """The coordinator reads the answer beside its question and sends it back."""
    card = entry(page, number)
    card.focus()
    page.keyboard.press("n")
    card.get_by_label("Своими словами").fill(words)
    card.get_by_role("button", name="Вернуть").click()
    expect(page.get_by_role("status").filter(has_text="возвращён исполнителю")).to_be_visible()


def let_pass(site: Site, page: Page, assignment_id: str, code: str) -> None:
    """The coordinator approves the answer, if a check or the draw holds it; then the citizen may see it."""
    coordinator = site.system.account("coordinator")

    def held_or_seen() -> Any:
        items = coordinator.get("/api/v1/reviews", params={"region": "46", "limit": 1000}).json()["items"]
        held = next((each for each in items if each["assignment_id"] == assignment_id), None)
        return held or tracked(site.system, code)["may_rate"]

    found = until(held_or_seen, 60)
    if found is not True:
        page.goto("/centre/reviews")
        card = entry(page, found["number"])
        card.focus()
        page.keyboard.press("y")
        expect(page.get_by_role("status").filter(has_text="одобрен")).to_be_visible()
    until(lambda: tracked(site.system, code)["may_rate"], 60)


def reopened(system: System) -> int:
    """How many appeals were opened again, as the room counts."""
    asked = {"region": "46"}
    return int(system.account("analyst").get("/api/v1/analytics/summary", params=asked).json()["reopened"])


def test_from_the_first_word_to_the_figures(site: Site) -> None:
    system = site.system
    clear_queue(system)
    before = reopened(system)
    citizen, code = submitted_by_page(site)
    task = task_of(system, code)

    desk = at_work(site)
    desk.keyboard.press("n")
    desk.wait_for_url(f"**/desk/a/{task['id']}*")
    desk.keyboard.press("o")
    desk.keyboard.insert_text(EMPTY_WORDS)
    desk.get_by_text("Обещание без даты").wait_for()
    desk.keyboard.press("Control+a")
    desk.keyboard.insert_text(RUDE)
    desk.get_by_text("Обещание без даты").wait_for(state="detached")
    desk.keyboard.press("Control+Enter")
    desk.wait_for_url("**/desk?*")

    review = listed(site, "/api/v1/reviews", assignment_id=task["id"])
    centre = site.enter("coordinator", "/centre/reviews")
    returned_with(centre, review["number"], "Уберите упрёки.")
    citizen.goto(f"/track/{code}")
    assert "глупости" not in citizen.content(), "what was returned is nobody's"

    desk.goto(f"/desk/a/{task['id']}")
    desk.get_by_role("link", name="Посмотреть, почему").click()
    expect(desk.get_by_text("Уберите упрёки.").first).to_be_visible()
    desk.goto(f"/desk/a/{task['id']}")
    desk.locator("[data-answer]").fill(MENDED)
    desk.get_by_role("button", name="Отправить ответ").click()
    desk.get_by_text("Ответ отправлен").wait_for()
    let_pass(site, centre, task["id"], code)
    citizen.reload()
    expect(citizen.locator(".answer .quote")).to_contain_text("очищен от снега")
    citizen.get_by_role("group", name="Вопрос решён?").get_by_label("Нет").check()
    citizen.get_by_label("2 – плохо").check()
    citizen.get_by_label("Что сказать исполнителю").fill("Лёд на месте")
    citizen.get_by_role("button", name="Оценить").click()
    citizen.wait_for_url("**done=reopened")
    path, who = f"/api/v1/assignments/{task['id']}", official(system)
    until(lambda: who.get(path).json()["status"] == "reopened", 60)
    desk.goto(f"/desk/a/{task['id']}")
    expect(desk.locator("[data-answer]")).to_be_visible()

    until(lambda: reopened(system) > before, 60)
    room = site.enter("analyst", f"/room/appeals/{task['appeal_id']}")
    expect(room.get_by_role("heading", level=1)).to_have_text(f"Обращение {task['number']}")
    for page in (citizen, desk, centre, room):
        page.context.close()
