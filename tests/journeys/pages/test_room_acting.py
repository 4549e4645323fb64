"""What is done from the situation room: a problem is confirmed, dismissed, decided about – once, and by whoever was first."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from playwright.sync_api import Page, expect
from uuid_utils.compat import uuid7

from harness.browser import needs_browser
from harness.system import System
from tests.chaos.test_kill_nine import query
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well

pytestmark = needs_browser


def _problem(system: System) -> str:
    """One that nobody has looked at: found by statistics, and made by no operation."""
    topics = system.account("coordinator").get("/api/v1/topics", params={"region": "46"}).json()["items"]
    id = str(uuid7())
    statement = (
        "INSERT INTO analytics.problem (region, id, kind, topic, started_on, detected_on, last_on, observed, expected, p_value, "
        f"q_value, strength, state_on) VALUES ('46', '{id}', 'burst', '{topics[0]['code']}', current_date - 3, current_date, "
        "current_date, 90, 3, 0, 0, 30, current_date)"
    )
    # The browser's driver holds this thread's event loop.
    with ThreadPoolExecutor(1) as beside:
        beside.submit(lambda: asyncio.run(query(system, statement))).result()
    return id


def _state(system: System, id: str) -> dict[str, Any]:
    found = system.account("analyst").get(f"/api/v1/analytics/problems/{id}")
    assert found.status_code == 200, found.text
    return dict(found.json())


def _decisions(system: System, id: str) -> list[dict[str, Any]]:
    answer = system.account("analyst").get(
        "/api/v1/analytics/decisions", params={"region": "46", "problem": id}
    )
    return list(answer.json()["items"])


def _row(page: Page, id: str) -> Any:
    return page.locator("li.problem").filter(has=page.locator(f'a[href="/room/problems/{id}"]'))


def test_a_problem_is_confirmed_where_it_is_seen_and_a_decision_made(site: Site) -> None:
    id = _problem(site.system)
    page = site.enter("coordinator", "/room")
    _row(page, id).get_by_role("button", name="Подтвердить").click()
    expect(_row(page, id).get_by_text("подтверждено")).to_be_visible()
    history = _state(site.system, id)["history"]
    assert [each["state"] for each in history] == ["confirmed"]
    assert history[0]["person"] is not None
    _row(page, id).get_by_role("link", name="Принять решение").click()
    look_well(page)
    page.get_by_label("Что решили").fill("Добавить рейсы мусоровозов")
    page.get_by_label("Кто отвечает").fill("Региональный оператор")
    page.get_by_role("button", name="Записать решение").dblclick()
    page.wait_for_url("**/room/decisions/*")
    expect(page.get_by_role("heading", level=1)).to_have_text("Добавить рейсы мусоровозов")
    expect(page.get_by_text("ещё не начато")).to_be_visible()
    look_well(page)
    assert [each["title"] for each in _decisions(site.system, id)] == ["Добавить рейсы мусоровозов"]
    assert _state(site.system, id)["state"] == "decided"
    page.get_by_role("button", name="Начать исполнение").click()
    expect(page.get_by_text("исполняется", exact=True)).to_be_visible()
    page.context.close()


def test_who_dismisses_says_why_and_keeps_what_was_written(site: Site) -> None:
    id = _problem(site.system)
    page = site.enter("analyst", f"/room/problems/{id}")
    look_well(page)
    page.get_by_label("Почему это не проблема").fill("Спросите +7 910 123-45-67")
    page.get_by_role("button", name="Не проблема").click()
    expect(page.get_by_role("alert")).to_contain_text("телефоны")
    assert page.get_by_label("Почему это не проблема").input_value() == "Спросите +7 910 123-45-67"
    page.get_by_label("Почему это не проблема").fill("Городской праздник")
    page.get_by_role("button", name="Не проблема").click()
    expect(page.get_by_text("Городской праздник")).to_be_visible()
    assert _state(site.system, id)["state"] == "dismissed"
    page.context.close()


def test_of_two_at_once_the_second_sees_what_the_first_did(site: Site) -> None:
    id = _problem(site.system)
    first, second = (site.enter(role, f"/room/problems/{id}") for role in ("coordinator", "analyst"))
    first.get_by_role("button", name="Подтвердить").click()
    first.wait_for_load_state()
    second.get_by_label("Почему это не проблема").fill("Городской праздник")
    second.get_by_role("button", name="Не проблема").click()
    expect(second.get_by_role("alert")).to_contain_text("кто-то уже изменил")
    expect(second.locator("h2 .tag")).to_have_text("подтверждено")
    assert _state(site.system, id)["state"] == "confirmed"
    for page in (first, second):
        page.context.close()


def test_the_federal_centre_looks_and_does_not_act(site: Site) -> None:
    id = _problem(site.system)
    page = site.enter("federal", f"/room/problems/{id}")
    expect(page.get_by_text("Решают в регионе.")).to_be_visible()
    assert page.locator("main form").count() == 0
    look_well(page)
    page.context.close()
