"""An official answers: without the mouse, warned by checks, and never twice."""

from __future__ import annotations

from typing import Any

from harness.browser import needs_browser
from tests.journeys.pages.conftest import Site, watch
from tests.journeys.pages.looking import look_well
from tests.journeys.pages.workplace import (
    EMPTY_WORDS,
    GOOD_ANSWER,
    at_work,
    new_task,
    only_task,
    stored,
)
from tests.journeys.steps import tracked, until

pytestmark = needs_browser


def test_an_official_takes_and_answers_the_next_one_without_the_mouse(site: Site) -> None:
    task = only_task(site.system)
    page = at_work(site)
    wrong = watch(page, site.url)
    page.keyboard.press("n")
    page.wait_for_url(f"**{task.path}*")
    assert page.locator("[data-lease]").count() == 1
    page.keyboard.press("o")
    page.keyboard.insert_text(EMPTY_WORDS)
    page.get_by_text("Обещание без даты").wait_for()
    assert page.get_by_text("Только общие слова").count() == 1
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(GOOD_ANSWER)
    page.get_by_text("Обещание без даты").wait_for(state="detached")
    look_well(page)
    assert page.locator("[data-answer]").evaluate("field => field === document.activeElement")
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk?*")
    assert page.get_by_role("status").inner_text() == "Ответ отправлен."

    def answered() -> Any:
        view = tracked(site.system, task.code)
        return view["answers"]

    (answer,) = until(answered, 60)
    assert answer["text"].startswith("Двор на улице Кирова")
    assert wrong == []
    page.context.close()


def test_taking_a_shown_one_to_work_makes_it_ones_own(site: Site) -> None:
    task = new_task(site.system)
    page = at_work(site, task.path)
    page.keyboard.press("a")
    page.get_by_text("Принято в работу").wait_for()
    now = stored(site.system, task)
    assert (now["status"], now["person"] is not None) == ("accepted", True)
    page.goto("/desk?mine=1")
    assert page.locator(f'a[href^="{task.path}"]').count() == 1
    page.context.close()


def test_a_double_click_answers_once(site: Site) -> None:
    task = new_task(site.system)
    page = at_work(site, task.path)
    page.locator("[data-answer]").fill(GOOD_ANSWER)
    page.get_by_role("button", name="Отправить ответ").dblclick()
    page.get_by_text("Ответ отправлен").wait_for()
    assert len(stored(site.system, task)["answers"]) == 1
    page.go_back()
    page.reload()
    assert page.locator("[data-answer]").count() == 0
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('otklik-draft'))") == []
    page.context.close()


def test_the_same_form_sent_again_does_nothing_twice(site: Site) -> None:
    """Without scripts nothing holds a second click back but the key that the form carries."""
    task = new_task(site.system)
    page = at_work(site, task.path)
    form = page.evaluate(
        "() => Object.fromEntries([...new FormData(document.querySelector('[data-draft]'))].filter(([name]) => name !== 'files'))"
    )
    form |= {"text": GOOD_ANSWER}
    for _ in range(2):
        answer = page.request.post(f"{task.path}/answer", form=form, max_redirects=0)
        assert answer.status == 303
    assert len(stored(site.system, task)["answers"]) == 1
    page.context.close()


def test_who_comes_late_is_shown_the_new_state_and_keeps_the_draft(site: Site) -> None:
    task = new_task(site.system)
    first, second = at_work(site, task.path), at_work(site, task.path)
    second.keyboard.press("a")
    second.get_by_text("Принято в работу").wait_for()
    first.locator("[data-answer]").fill(GOOD_ANSWER)
    first.get_by_role("button", name="Отправить ответ").click()
    told = first.get_by_role("alert")
    told.wait_for()
    assert "кто-то уже изменил" in told.inner_text()
    assert "принято" in told.inner_text()
    assert first.locator("[data-answer]").input_value() == GOOD_ANSWER
    look_well(first)
    first.get_by_role("button", name="Отправить ответ").click()
    first.get_by_text("Ответ отправлен").wait_for()
    for page in (first, second):
        page.context.close()


def test_a_reservation_that_is_lost_loses_no_words(site: Site) -> None:
    task = only_task(site.system)
    page = at_work(site)
    page.keyboard.press("n")
    page.wait_for_url(f"**{task.path}*")
    (lease,) = [each for each in page.context.cookies(page.url) if each["name"] == "lease"]
    assert (lease["httpOnly"], lease["sameSite"], lease["path"]) == (True, "Strict", task.path)
    page.context.add_cookies(
        [{"name": "lease", "value": "another's", "domain": lease["domain"], "path": lease["path"]}]
    )
    page.locator("[data-answer]").fill(GOOD_ANSWER)
    page.get_by_role("button", name="Отправить ответ").click()
    assert "истекло" in page.get_by_role("alert").inner_text()
    assert page.evaluate("Object.values(localStorage).some(kept => kept.includes('Двор на улице Кирова'))")
    page.context.close()


def test_a_lost_line_loses_no_words(site: Site) -> None:
    task = new_task(site.system)
    page = at_work(site, task.path)
    page.context.set_offline(True)
    page.locator("[data-answer]").fill(GOOD_ANSWER)
    page.get_by_text("Нет связи. Черновик сохранён").wait_for()
    page.get_by_role("button", name="Отправить ответ").click()
    page.get_by_text("ответ не отправлен").wait_for()
    page.context.set_offline(False)
    page.reload()
    assert page.locator("[data-answer]").input_value() == GOOD_ANSWER
    page.get_by_role("button", name="Отправить ответ").click()
    page.get_by_text("Ответ отправлен").wait_for()
    page.context.close()
