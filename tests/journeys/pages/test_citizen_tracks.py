"""A citizen follows an appeal: by its code, to its answer, rates it, and does what the moment allows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from harness.browser import needs_browser
from harness.system import Account
from tests.journeys.pages.citizens import MENDED, answer, appeal_about_a_hole
from tests.journeys.pages.conftest import NARROW, Site, watch
from tests.journeys.pages.looking import look_well
from tests.journeys.steps import act, claimed, submitted, until

pytestmark = needs_browser


def test_an_unknown_code_is_said_and_asked_for_again(site: Site) -> None:
    page = site.visit("/track")
    look_well(page)
    page.get_by_label("Код обращения").fill("2222-2222-2222-2222-2222")
    page.get_by_role("button", name="Показать").click()
    page.wait_for_url("**/track/22222222222222222222")
    assert "Обращения с таким кодом нет" in page.get_by_role("alert").inner_text()
    look_well(page)
    for path in ("/track/нет", "/track/x", "/track/%00", "/track/a%2F..%2Fb", "/track/%20/receipt"):
        answered = page.context.request.get(f"{site.url}{path}")
        assert answered.status == 404, path
    page.context.close()


def test_a_poor_rating_sends_it_back_and_nothing_can_be_said_twice(site: Site) -> None:
    appeal, agency = appeal_about_a_hole(site.system)
    page = site.visit("/track", width=NARROW)
    wrong = watch(page, site.url)
    page.get_by_label("Код обращения").fill(appeal["tracking_code"].lower().replace("-", " "))
    page.get_by_role("button", name="Показать").click()
    page.wait_for_url("**/track/*")
    assert page.get_by_text("Отозвать обращение").count() == 1
    assert page.get_by_role("heading", name="Оцените ответ").count() == 0, "there is nothing to rate yet"
    answer(site.system, agency, appeal)
    page.reload()
    assert page.locator(".answer .quote").inner_text() == MENDED
    assert page.locator("dl.facts").inner_text().count(agency.organisation) == 1
    look_well(page)
    page.get_by_role("group", name="С вами связались?").get_by_label("Да").check()
    page.get_by_role("group", name="Вопрос решён?").get_by_label("Нет").check()
    page.get_by_role("group", name="Вы довольны?").get_by_label("Нет").check()
    page.get_by_label("2 – плохо").check()
    page.get_by_label("Что сказать исполнителю").fill("Яма на месте")
    stale = page.context.new_page()
    stale.goto(page.url)
    page.get_by_role("button", name="Оценить").click()
    page.wait_for_url("**done=reopened")
    assert "Вопрос возвращён в работу" in page.get_by_role("status").inner_text()
    assert page.get_by_role("heading", name="Оцените ответ").count() == 0
    view = site.system.http.get(f"/api/v1/track/{appeal['tracking_code']}").json()
    assert view["status"] == "reopened"
    stale.get_by_role("group", name="Вопрос решён?").get_by_label("Да").check()
    stale.get_by_label("5 – отлично").check()
    stale.get_by_role("button", name="Оценить").click()
    stale.get_by_text("Это уже сделано").wait_for()
    assert [each for each in wrong if "422" not in each] == []
    page.context.close()


def test_a_good_rating_without_scripts_and_one_that_says_too_little(site: Site) -> None:
    appeal, agency = appeal_about_a_hole(site.system)
    answer(site.system, agency, appeal)
    path = f"/track/{appeal['tracking_code']}"
    page = site.visit(path, scripts=False)
    little = page.context.request.post(f"{site.url}{path}/rating", form={"comment": "Спасибо"})
    assert (little.status, "Отметьте, решён ли вопрос" in little.text()) == (422, True)
    assert "Спасибо" in little.text(), "what was written is kept"
    page.get_by_role("group", name="Вопрос решён?").get_by_label("Да").check()
    page.get_by_label("5 – отлично").check()
    page.get_by_role("button", name="Оценить").click()
    page.wait_for_url("**done=rated")
    assert "оценка принята" in page.get_by_role("status").inner_text()
    page.context.close()


def test_a_question_is_answered(site: Site) -> None:
    appeal, agency = appeal_about_a_hole(site.system)
    item = claimed(agency, appeal["id"])
    item |= act(agency, item, "accept")
    act(agency, item, "clarify", question="У какого подъезда?")
    code = appeal["tracking_code"]
    until(lambda: site.system.http.get(f"/api/v1/track/{code}").json()["may_clarify"])
    page = site.visit(f"/track/{code}")
    assert page.locator("#clarification .quote").inner_text() == "У какого подъезда?"
    look_well(page)
    page.get_by_label("Ваш ответ").fill("У второго")
    page.get_by_role("button", name="Отправить уточнение").click()
    page.wait_for_url("**done=clarified")
    assert page.locator("#clarification").count() == 0
    page.context.close()


@contextmanager
def moderated(admin: Account, channel: str) -> Iterator[None]:
    """Appeals of a channel wait for a moderator meanwhile."""
    before = _moderate(admin, [channel])
    try:
        yield
    finally:
        _moderate(admin, before)


def _moderate(admin: Account, channels: list[str]) -> list[str]:
    """Set whose appeals wait; whose did before."""
    path = "/api/v1/settings/46/intake"
    now = admin.get(path).json()
    body, version = {**now, "moderated_channels": channels}, {"If-Match": str(now["version"])}
    changed = admin.request("PUT", path, json=body, headers=version)
    assert changed.status_code == 200, changed.text
    before: list[str] = now["moderated_channels"]
    return before


def test_a_rejection_is_objected_to(site: Site) -> None:
    with moderated(site.system.account("admin"), "ok"):
        appeal = submitted(site.system, text="Распродажа слонов, звоните скорее", channel="ok")
        code = appeal["tracking_code"]
        until(lambda: site.system.http.get(f"/api/v1/track/{code}").json()["status"] == "on_moderation")
    path, body = f"/api/v1/appeals/{appeal['id']}/moderation", {"decision": "reject", "reason": "Реклама"}
    decided = site.system.account("coordinator").post(path, json=body)
    assert decided.status_code == 200, decided.text
    page = site.visit(f"/track/{code}")
    assert page.get_by_text("Реклама").count() >= 1
    page.get_by_label("Почему решение неверно").fill("Слон нужен зоопарку")
    page.get_by_role("button", name="Возразить").click()
    page.wait_for_url("**done=objected")
    assert page.locator("#objection").count() == 0
    page.context.close()


def test_an_appeal_is_withdrawn_once(site: Site) -> None:
    appeal, _ = appeal_about_a_hole(site.system)
    page = site.visit(f"/track/{appeal['tracking_code']}", scripts=False)
    page.get_by_text("Отозвать обращение").click()
    page.get_by_role("button", name="Отозвать").click()
    page.wait_for_url("**done=withdrawn")
    assert page.get_by_text("Отозвать обращение").count() == 0
    assert site.system.http.get(f"/api/v1/track/{appeal['tracking_code']}").json()["status"] == "withdrawn"
    page.context.close()


def test_a_receipt_can_be_kept(site: Site) -> None:
    appeal = submitted(site.system)
    page = site.visit(f"/track/{appeal['tracking_code']}/receipt")
    assert page.locator(".code").inner_text() == appeal["tracking_code"]
    assert page.get_by_role("img", name="QR-код").count() == 1
    look_well(page)
    page.emulate_media(media="print")
    assert page.locator(".print-only").is_visible()
    page.context.close()
