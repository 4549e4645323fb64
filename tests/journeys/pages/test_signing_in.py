"""Signing in and out by the page, as people do it."""

from __future__ import annotations

from harness.browser import needs_browser
from tests.journeys.pages.conftest import Site, watch
from tests.journeys.pages.looking import look_well

pytestmark = needs_browser


def test_a_page_that_needs_a_person_shows_the_form_and_then_itself(site: Site) -> None:
    page = site.visit("/account")
    wrong = watch(page, site.url)
    assert page.get_by_role("heading", level=1).inner_text() == "Вход для сотрудников"
    look_well(page)
    person = site.system.person("coordinator")
    page.get_by_label("Логин").fill(person.client_id)
    page.get_by_label("Пароль").fill("not the password")
    page.get_by_role("button", name="Войти").click()
    assert page.get_by_role("alert").inner_text() == "Логин или пароль не подходят."
    assert page.get_by_label("Логин").input_value() == person.client_id
    page.get_by_label("Пароль").fill(person.client_secret)
    page.get_by_role("button", name="Войти").click()
    page.wait_for_url("**/account")
    assert page.get_by_text("здесь", exact=True).count() == 1
    look_well(page)
    assert wrong == []
    page.context.close()


def test_signing_out_ends_the_session_of_every_tab(site: Site) -> None:
    first = site.enter("analyst", "/account")
    second = first.context.new_page()
    second.goto("/account")
    kept = [cookie for cookie in first.context.cookies() if cookie["name"] == "otklik"]
    assert [(cookie["httpOnly"], cookie["sameSite"]) for cookie in kept] == [(True, "Lax")]
    second.get_by_role("button", name="Выйти", exact=True).click()
    second.wait_for_url("**/sign-in")
    first.reload()
    assert first.get_by_role("heading", level=1).inner_text() == "Вход для сотрудников"
    first.context.add_cookies(
        [{"name": "otklik", "value": kept[0]["value"], "url": site.url}]
    )  # whoever has stolen the cookie has nothing
    first.reload()
    assert first.get_by_role("heading", level=1).inner_text() == "Вход для сотрудников"
    first.context.close()
