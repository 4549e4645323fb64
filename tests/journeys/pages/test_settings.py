"""An administrator gives people access, tries a rule before it decides, and marks a day of the region."""

from __future__ import annotations

import pytest

from harness.browser import needs_browser, watch
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well

pytestmark = needs_browser
PAGES = (
    "/settings",
    "/settings/people",
    "/settings/people/new",
    "/settings/clients",
    "/settings/organisations?region=46",
    "/settings/topics?region=46",
    "/settings/rules?region=46",
    "/settings/deadlines?region=46",
    "/settings/calendar?region=46",
    "/settings/templates?region=46",
    "/settings/dead-letters",
)


def test_every_page_of_settings_can_be_read_by_everybody(site: Site) -> None:
    page = site.enter("admin", "/settings")
    wrong = watch(page, site.url)
    for path in PAGES:
        page.goto(path)
        assert page.get_by_role("heading", level=1).count() == 1, path
        look_well(page)
    assert wrong == []
    page.context.close()


@pytest.mark.parametrize("role", ["agency", "coordinator", "analyst", "federal"])
def test_settings_are_for_administrators_alone(site: Site, role: str) -> None:
    page = site.enter(role, "/settings")
    for path in PAGES:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 403, path
    page.context.close()


def test_somebody_new_is_invited_and_comes_in(site: Site) -> None:
    admin = site.enter("admin", "/settings/people/new")
    admin.get_by_label("Логин").fill("!")
    admin.get_by_role("button", name="Создать").click()
    assert "Логин: латинские буквы" in admin.get_by_role("alert").first.inner_text()
    admin.get_by_label("Логин").fill("new.coordinator")
    admin.get_by_label("Имя").fill("<b>Вера</b> Новенькая")
    admin.get_by_label("Роль").select_option("coordinator")
    admin.get_by_label("Регионы").fill("46")
    admin.get_by_role("button", name="Создать").click()
    assert admin.get_by_role("heading", level=1).inner_text() == "<b>Вера</b> Новенькая"
    admin.get_by_role("button", name="Пригласить по ссылке").click()
    link = admin.get_by_label("Ссылка для входа").input_value()
    guest = site.visit("/sign-in")
    guest.goto(site.url + link[link.index("/invitation") :])
    guest.get_by_label("Пароль").fill("четыре случайных слова вместе")
    guest.get_by_role("button", name="Сохранить").click()
    assert "Пароль сохранён" in guest.get_by_role("alert").inner_text()
    guest.get_by_label("Логин").fill("new.coordinator")
    guest.get_by_label("Пароль").fill("четыре случайных слова вместе")
    guest.get_by_role("button", name="Войти").click()
    guest.get_by_role("link", name="<b>Вера</b> Новенькая").wait_for()
    admin.reload()  # the form of the link is not sent again by that: the account is shown
    admin.goto("/settings/people?role=coordinator")
    admin.get_by_role("link", name="<b>Вера</b> Новенькая").click()
    admin.get_by_role("button", name="Закрыть доступ").click()
    admin.wait_for_url("**/settings/people")
    guest.goto("/account")
    assert guest.get_by_role("heading", level=1).inner_text() == "Вход для сотрудников"
    admin.goto("/settings/people?role=coordinator&active=false")
    admin.get_by_role("link", name="<b>Вера</b> Новенькая").click()
    admin.get_by_label("Должность").fill("Специалист")
    admin.get_by_role("button", name="Сохранить").click()
    assert "Учётная запись закрыта" in admin.locator("main").inner_text()
    admin.get_by_role("button", name="Открыть доступ снова").click()
    admin.get_by_role("button", name="Закрыть доступ").wait_for()
    guest.context.close()
    admin.context.close()


def test_a_rule_is_tried_before_it_decides(site: Site) -> None:
    page = site.enter("admin", "/settings/rules?region=46")
    topic = page.get_by_role("combobox", name="Тема", exact=True)
    topic.select_option(index=1)
    page.get_by_label("Отвечает").select_option(index=2)
    page.get_by_label("Муниципалитет").fill("38701000")
    page.get_by_role("button", name="Проверить на прошлом месяце").click()
    assert "это правило изменило бы" in page.get_by_role("status").inner_text()
    chosen = page.get_by_role("combobox", name="Тема", exact=True).input_value()
    page.get_by_role("button", name="Сохранить правило").click()
    page.wait_for_url("**/settings/rules?region=46")
    page.goto(f"/settings/rules?region=46&topic={chosen}")
    button = page.get_by_role("button", name="Выключить").first
    before = page.get_by_role("button", name="Выключить").count()
    button.click()
    page.wait_for_url("**/settings/rules?region=46")
    page.goto(f"/settings/rules?region=46&topic={chosen}")
    assert page.get_by_role("button", name="Выключить").count() == before - 1
    page.context.close()


def test_a_day_of_the_region_is_marked_and_taken_back(site: Site) -> None:
    page = site.enter("admin", "/settings/calendar?region=46&year=2027")
    page.get_by_label("День", exact=True).fill("2027-07-07")
    page.get_by_label("Почему").fill("День памяти")
    page.get_by_role("button", name="Сохранить день").click()
    page.wait_for_url("**year=2027")
    assert "День памяти" in (page.locator("td.own").inner_text())
    page.get_by_label("День", exact=True).fill("2027-07-07")
    page.get_by_label("Сделать").select_option("national")
    page.get_by_role("button", name="Сохранить день").click()
    page.wait_for_url("**year=2027")
    assert page.locator("td.own").count() == 0
    page.context.close()


def test_a_term_is_tried_before_it_holds(site: Site) -> None:
    page = site.enter("admin", "/settings/deadlines?region=46")
    page.locator("tbody a").first.click()
    page.get_by_label("Новый срок").fill("7")
    page.get_by_role("button", name="Проверить на прошлом месяце").click()
    assert "изменились бы" in page.get_by_role("status").inner_text()
    assert page.get_by_label("Новый срок").input_value() == "7"
    page.context.close()
