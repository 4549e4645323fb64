"""What somebody has written stays in the browser until it has been sent, and no longer."""

from __future__ import annotations

from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from harness.browser import needs_browser
from tests.web.conftest import Stage, session_of
from tests.web.things import assignment, waiting_for_a_moderator

pytestmark = needs_browser
ID = str(UUID(int=5))
TEXT = "Двор на улице Кирова очищен от снега"


def _kept(page: Page) -> str:
    kept: str = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    return kept


def test_a_sent_interim_answer_is_no_draft_of_the_final_one(stage: Stage) -> None:
    stage.answer(f"GET /assignments/{ID}", assignment(ID))
    stage.answer("GET /people/colleagues", {"items": [], "next_cursor": None})
    stage.answer(f"POST /assignments/{ID}/interim", assignment(ID))
    page = stage.enter("agency", f"/desk/a/{ID}")
    page.locator("[data-answer]").fill(TEXT)
    page.wait_for_function(f"() => Object.values(localStorage).some(kept => kept.includes('{TEXT}'))")
    page.get_by_role("button", name="Отправить как промежуточный").click()
    page.get_by_text("Промежуточный ответ отправлен").wait_for()
    assert page.locator("[data-answer]").input_value() == ""
    assert TEXT not in _kept(page)
    page.locator("[data-answer]").fill("Это уже окончательный ответ")
    page.reload()
    assert page.locator("[data-answer]").input_value() == "Это уже окончательный ответ"
    page.context.close()


TEMPLATES = "/settings/templates"
REFUSALS = (0, 429, 503)


@pytest.fixture
def typing(stage: Stage) -> Page:
    """A form of an administrator, with a text in it that has not been sent yet."""
    stage.answer("GET /templates", {"items": [], "next_cursor": None})
    stage.answer("GET /topics", {"items": [], "next_cursor": None})
    page = stage.enter("admin", TEMPLATES)
    page.get_by_label("Название").fill("О снеге")
    page.get_by_label("Текст").fill(TEXT)
    return page


def _send(page: Page) -> None:
    page.get_by_label("Текст").locator("xpath=ancestor::form").get_by_role("button").click()
    page.wait_for_load_state()


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_text_is_there_when_the_form_is_opened_again(
    stage: Stage, typing: Page, refusal: int
) -> None:
    stage.fail("POST /templates", refusal)
    _send(typing)
    typing.goto(TEMPLATES)
    expect(typing.get_by_label("Текст")).to_have_value(TEXT)
    stage.answer("POST /templates", {})
    _send(typing)
    expect(typing.get_by_label("Текст")).to_have_value("")
    assert TEXT not in _kept(typing)
    typing.context.close()


def test_a_text_outlives_the_session_of_its_writer_alone(stage: Stage, typing: Page) -> None:
    stage.fail("POST /templates", 401)
    _send(typing)
    expect(typing.get_by_role("heading", level=1)).to_have_text("Вход для сотрудников")
    stage.answer("POST /sessions", session_of("admin"))
    typing.get_by_label("Логин").fill("somebody")
    typing.get_by_label("Пароль").fill("a password")
    typing.get_by_role("button", name="Войти").click()
    typing.wait_for_url(f"**{TEMPLATES}")
    expect(typing.get_by_label("Текст")).to_have_value(TEXT)
    assert "a password" not in _kept(typing)
    stage.sign_in(typing.context, "admin", number=8)
    typing.goto(TEMPLATES)
    expect(typing.get_by_label("Текст")).to_have_value("")
    assert TEXT not in _kept(typing)
    typing.context.close()


def test_who_leaves_leaves_nothing(stage: Stage, typing: Page) -> None:
    stage.fail("POST /templates", 503)
    _send(typing)
    assert TEXT in _kept(typing)
    stage.answer("DELETE /sessions/current", {})
    typing.get_by_role("button", name="Выйти").click()
    typing.wait_for_url("**/sign-in")
    assert TEXT not in _kept(typing)
    typing.context.close()


def test_the_reason_of_an_entry_outlives_the_session(stage: Stage) -> None:
    stage.answer("GET /moderation", {"items": [waiting_for_a_moderator(ID)], "next_cursor": None})
    stage.fail(f"POST /appeals/{ID}/moderation", 401)
    page = stage.enter("coordinator", "/centre/moderation")
    page.get_by_text("Отклонить или скрыть").click()
    page.locator("article").get_by_label("Причина").fill(TEXT)
    page.get_by_role("button", name="Решить").click()
    page.get_by_role("heading", name="Вход для сотрудников").wait_for()
    stage.sign_in(page.context, "coordinator")
    page.goto("/centre/moderation")
    expect(page.locator("article").get_by_label("Причина")).to_have_value(TEXT)
    page.context.close()
