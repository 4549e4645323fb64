"""A planned work that is entered at the centre answers a citizen who asks about it, at once; once it is ended, nobody any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

from harness.browser import needs_browser, watch
from harness.system import System
from tests.journeys.pages.citizens import send, write
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well
from tests.journeys.steps import tracked, until

pytestmark = needs_browser
STREET = "улица Сумская"
NOTICE = "Воды нет из-за ремонта водопровода, дадут до 20:00. Обращение {number}."
FIELDS = ("title", "topic", "organisation_name", "starts_at", "ends_at", "streets", "notice")


def fill(page: Page, system: System, title: str, ends_in: timedelta) -> None:
    """The form of a work that began ten minutes ago, by the region's clocks."""
    topics = system.account("coordinator").get("/api/v1/topics", params={"region": "46", "limit": 1000})
    topic = next(each["name"] for each in topics.json()["items"] if each["code"] == "water-supply-mkd")
    now = datetime.now(ZoneInfo("Europe/Moscow"))
    written = {
        "Что происходит": title,
        "Тема 1": topic,
        "Кто отвечает": system.agencies()[0].organisation,
        "Начало": f"{now - timedelta(minutes=10):%Y-%m-%dT%H:%M}",
        "Конец": f"{now + ends_in:%Y-%m-%dT%H:%M}",
        "Улицы, каждая с новой строки": STREET,
        "Ответ гражданам": NOTICE,
    }
    for label, value in written.items():
        page.get_by_label(label).fill(value)


def asked_by_page(site: Site, house: int) -> tuple[Page, str]:
    """A citizen asks where the water is; the browser, and the code of the receipt."""
    page = site.visit("/")
    place = f"Курск, {STREET}, {house}"
    write(page, f"{place}: с утра нет холодной воды. Когда дадут? {uuid4().hex[:6]}")
    page.get_by_placeholder("Город, улица, дом").fill(place)
    return page, send(page)


def card_of(page: Page, title: str) -> Locator:
    """The work in the list."""
    return page.locator("[data-item]", has=page.get_by_role("link", name=title))


def test_who_asks_about_a_work_is_answered_by_it_until_it_is_ended(site: Site) -> None:
    system, title = site.system, f"Нет воды {uuid4().hex[:6]}"
    centre = site.enter("coordinator", "/centre/works/new")
    wrong = watch(centre, site.url)
    fill(centre, system, title, timedelta(hours=1))
    centre.get_by_label("Ответ гражданам").press("Tab")
    centre.keyboard.press("Enter")
    expect(centre.get_by_role("status")).to_contain_text("Работы внесены")
    expect(card_of(centre, title)).to_contain_text("ещё никто не спросил")

    citizen, code = asked_by_page(site, 3)
    seen = until(lambda: (page := tracked(system, code))["answers"] and page, 60)
    citizen.goto(f"/track/{code}")
    expect(citizen.locator(".answer .quote")).to_have_text(NOTICE.format(number=seen["number"]))
    centre.goto("/centre/works?status=running")
    expect(card_of(centre, title)).to_contain_text("ответили: 1 обращение")

    centre.get_by_role("link", name=title).click()
    centre.get_by_role("button", name="Закончить сейчас").click()
    expect(centre.get_by_role("status")).to_contain_text("Работы закончены.")
    late, unanswered = asked_by_page(site, 5)
    until(lambda: tracked(system, unanswered)["organisation"], 60)
    assert tracked(system, unanswered)["answers"] == []
    centre.goto("/centre/works?status=over")
    expect(card_of(centre, title)).to_contain_text("ответили: 1 обращение")
    assert wrong == []
    for page in (centre, citizen, late):
        page.context.close()


def test_what_is_wrong_with_a_work_is_said_beside_each_field(site: Site) -> None:
    page = site.enter("coordinator", "/centre/works/new")
    unchecked = "form => { form.noValidate = true; }"  # as a browser that does not check fields sends it

    def faults() -> dict[str, str]:
        page.locator("form[action='/centre/works/new']").evaluate(unchecked)
        with page.expect_navigation():
            page.get_by_role("button", name="Внести").click()
        return {
            str(field.get_attribute("name")): page.locator(
                f"#{field.get_attribute('aria-describedby')}"
            ).inner_text()
            for field in page.locator("[aria-invalid=true]").all()
        }

    assert faults().keys() == set(FIELDS) - {"streets"}
    look_well(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    fill(page, site.system, "Ремонт", -timedelta(hours=3))
    page.get_by_label("Кто отвечает").fill("Нет такой")
    page.get_by_label("Тема 2").fill("Нет такой темы")
    assert faults() == {
        "organisation_name": "Исполнителя «Нет такой» нет в списке. Выберите из подсказок.",
        "topic": "Темы «Нет такой темы» нет в списке. Выберите из подсказок.",
        "ends_at": "Конец позже начала.",
    }
    page.get_by_label("Кто отвечает").fill(site.system.agencies()[0].organisation)
    page.get_by_label("Тема 2").fill("")
    assert faults() == {"ends_at": "Конец позже начала."}
    fill(page, site.system, "Ремонт", timedelta(hours=3))
    page.get_by_label("Улицы, каждая с новой строки").fill("")
    assert faults() == {"streets": "Укажите улицы или муниципалитет."}
    assert page.get_by_label("Что происходит").input_value() == "Ремонт"
    page.context.close()
