"""Who guesses has to wait, whose session has ended signs in again where the work was, and a draft outlives both."""

from __future__ import annotations

from uuid import uuid4

from playwright.sync_api import expect

from harness.browser import needs_browser
from tests.journeys.pages.centre import entered, made_person
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well
from tests.journeys.pages.workplace import GOOD_ANSWER, at_work, new_task, official

pytestmark = needs_browser


def test_who_guesses_a_password_has_to_wait(site: Site) -> None:
    person = made_person(site.system, ["46"])
    page = site.visit("/sign-in")
    for _ in range(7):
        page.get_by_label("Логин").fill(person.client_id)
        page.get_by_label("Пароль").fill(f"guess {uuid4().hex}")
        page.get_by_role("button", name="Войти").click()
        page.wait_for_load_state()
    expect(page.get_by_role("alert")).to_contain_text("Слишком много попыток. Подождите")
    assert page.get_by_label("Логин").input_value() == person.client_id
    look_well(page)
    page.context.close()


def test_a_form_that_comes_after_the_end_of_a_session_leads_back_to_its_page(site: Site) -> None:
    person = made_person(site.system, ["46"])
    page = entered(site, person, "/centre/new")
    assert person.request("DELETE", "/api/v1/sessions").status_code == 204
    page.get_by_label("Текст").fill("На улице Ленина не горит фонарь")
    page.get_by_role("button", name="Зарегистрировать").click()
    expect(page.get_by_role("alert")).to_contain_text("Сеанс завершён")
    page.get_by_label("Логин").fill(person.client_id)
    page.get_by_label("Пароль").fill(person.client_secret)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url("**/centre/new")
    expect(page.get_by_role("button", name="Зарегистрировать")).to_be_visible()
    page.context.close()


def test_a_draft_outlives_the_session(site: Site) -> None:
    task = new_task(site.system)
    page = at_work(site, task.path)
    page.locator("[data-answer]").fill(GOOD_ANSWER)
    page.wait_for_function(
        "() => Object.values(localStorage).some(kept => kept.includes('Двор на улице Кирова'))"
    )
    assert official(site.system).request("DELETE", "/api/v1/sessions").status_code == 204
    page.get_by_role("button", name="Отправить ответ").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Вход для сотрудников")
    person = site.system.person("agency")
    page.get_by_label("Логин").fill(person.client_id)
    page.get_by_label("Пароль").fill(person.client_secret)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url(f"**{task.path}*")
    assert page.locator("[data-answer]").input_value() == GOOD_ANSWER
    page.get_by_role("button", name="Отправить ответ").click()
    page.get_by_text("Ответ отправлен").wait_for()
    page.context.close()
