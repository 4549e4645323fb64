"""Decisions that the system made by itself are drawn at random; a coordinator judges them, and what was wrong is set right."""

from __future__ import annotations

from collections.abc import Iterator
from random import randrange
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from harness.browser import needs_browser, watch
from harness.system import System
from tests.journeys.pages.centre import listed
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well
from tests.journeys.steps import submitted, until

pytestmark = needs_browser
SETTINGS = "/api/v1/settings/46/routing"


def draw(system: System, share: float) -> float:
    """So many of the region's decisions are drawn from now on; how many were so far."""
    admin = system.account("admin")
    settings = admin.get(SETTINGS).json()
    wanted = {**settings, "audit_share": share}
    put = admin.request("PUT", SETTINGS, json=wanted, headers={"If-Match": str(settings["version"])})
    assert put.status_code == 200, put.text
    return float(settings["audit_share"])


@pytest.fixture
def drawn(system: System) -> Iterator[list[dict[str, Any]]]:
    """Two decisions of the system, both drawn; afterwards as few are drawn as before."""
    before = draw(system, 1.0)
    yield [until(lambda: drawn_one(system), 60) for _ in range(2)]
    draw(system, before)


def drawn_one(system: System) -> dict[str, Any] | None:
    """The audit of a decision about a new appeal; None while the system decides by the settings so far."""
    coordinator, house = system.account("coordinator"), randrange(1, 900)
    text = f"На улице Союзной у дома {house} глубокая яма на проезжей части, машины бьют колёса."
    appeal = submitted(system, text=text, topic="", address=f"г. Курск, ул. Союзная, {house}")["id"]
    until(lambda: coordinator.get(f"/api/v1/appeals/{appeal}/assignments").status_code == 200, 60)
    asked = {"region": "46", "status": "open", "limit": 1000}
    items = coordinator.get("/api/v1/audits", params=asked).json()["items"]
    return next((each for each in items if each["appeal_id"] == appeal), None)


def judged(system: System) -> dict[str, Any]:
    """What the judgements so far say of the model that decides."""
    models = system.account("coordinator").get("/api/v1/models", params={"region": "46"}).json()["items"]
    found: dict[str, Any] = next(each for each in models if each["status"] == "current")["live"]["all"]
    return found


def card_of(page: Page, audit: dict[str, Any]) -> Locator:
    """The entry of an audit, on whatever page of the list it stands."""
    link = page.locator(f"a[href='/centre/a/{audit['appeal_id']}']")
    while not link.count():
        page.get_by_role("link", name="Дальше").click()
        page.wait_for_load_state()
    return page.locator("[data-item]", has=link)


def another_organisation(system: System, but: str) -> Any:
    """One that the decision was not for."""
    return next(each for each in system.agencies() if each.organisation_id != but)


def test_a_right_and_a_wrong_decision_are_judged_by_keys(site: Site, drawn: list[dict[str, Any]]) -> None:
    system, (right, wrong) = site.system, drawn
    before = judged(system)
    page = site.enter("coordinator", "/centre/audits")
    troubles = watch(page, site.url)
    card = card_of(page, right)
    assert "уверена" not in card.inner_text(), "how sure the system was would lead the judgement"
    card.focus()
    page.keyboard.press("y")
    expect(page.get_by_role("status").filter(has_text="Записано: верно.")).to_contain_text("была уверена")

    target = another_organisation(system, wrong["organisation"]["id"])
    card = card_of(page, wrong)
    card.focus()
    page.keyboard.press("n")
    page.keyboard.insert_text("Нет такой организации")
    page.keyboard.press("Enter")
    expect(card.get_by_role("alert")).to_contain_text("нет в списке")
    field = card.get_by_label("Кто должен был получить")
    expect(field).to_have_value("Нет такой организации")
    look_well(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    field.fill(target.organisation)
    field.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Записано: неверно.")).to_be_visible()

    path = f"/api/v1/assignments/{wrong['assignment_id']}"
    coordinator = system.account("coordinator")
    until(lambda: coordinator.get(path).json()["organisation"]["id"] == target.organisation_id, 30)
    until(
        lambda: any(
            each["id"] == wrong["assignment_id"]
            for each in target.get("/api/v1/queue", params={"limit": 1000}).json()["items"]
        ),
        60,
    )
    page.goto(f"/centre/a/{wrong['appeal_id']}")
    expect(page.get_by_role("heading", level=2, name=target.organisation)).to_be_visible()

    after = judged(system)
    assert after["sample"] == before["sample"] + 2
    counted = round((before["precision"] or 0) * before["sample"]) + 1
    assert after["precision"] == pytest.approx(counted / after["sample"], abs=1e-3)
    page.goto("/centre/audits")
    expect(page.locator("#judged")).to_contain_text(f"проверено {after['sample']} решени")
    for audit in drawn:
        assert page.locator(f"a[href='/centre/a/{audit['appeal_id']}']").count() == 0
    assert [line for line in troubles if "422" not in line] == []
    page.context.close()


def test_of_two_who_judge_the_second_is_told(site: Site, drawn: list[dict[str, Any]]) -> None:
    audit, other = drawn
    page = site.enter("coordinator", "/centre/audits")
    card = card_of(page, audit)
    first = site.system.account("coordinator").post(
        f"/api/v1/audits/{audit['id']}",
        json={"verdict": "right"},
        headers={"If-Match": str(audit["version"])},
    )
    assert first.status_code == 200, first.text
    before = judged(site.system)
    card.get_by_role("button", name="Верно").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert judged(site.system) == before
    page.reload()
    assert page.locator(f"a[href='/centre/a/{audit['appeal_id']}']").count() == 0
    assert listed(site, "/api/v1/audits", id=other["id"])["status"] == "open"
    page.context.close()
