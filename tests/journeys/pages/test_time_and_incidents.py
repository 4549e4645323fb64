"""More time is given or refused by the page, and all who wrote of one event are answered by one form."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from harness.browser import needs_browser
from tests.journeys.pages.conftest import Site
from tests.journeys.pages.looking import look_well
from tests.journeys.pages.workplace import at_work, new_task, official
from tests.journeys.steps import submitted, tracked, until

pytestmark = needs_browser
CLEARED = "Снег во дворе на улице Тихой убран 29 ноября 2026 года, дорожки посыпаны песком. Обращение {number} учтено."


def asked_for_days(site: Site, days: int) -> str:
    """The official wants more days; the reason, by which the wish is found."""
    task, reason = new_task(site.system), f"Ждём технику, {uuid4().hex[:8]}"
    asked = official(site.system).post(
        f"/api/v1/assignments/{task.item['id']}/request-extension",
        json={"days": days, "reason": reason},
        headers={"If-Match": str(task.item["version"])},
    )
    assert asked.status_code == 200, asked.text
    until(lambda: wish(site, reason), 60)
    return reason


def wish(site: Site, reason: str, status: str = "pending") -> Any:
    """As coordinators have it."""
    asked = {"region": "46", "status": status, "limit": 1000}
    items = site.system.account("coordinator").get("/api/v1/extensions", params=asked).json()["items"]
    return next((each for each in items if each["reason"] == reason), None)


def card_of(page: Page, reason: str) -> Locator:
    """The entry of a wish."""
    return page.locator("[data-item]", has=page.get_by_text(reason))


def test_more_days_are_given_by_one_key_and_refused_with_a_reason(site: Site) -> None:
    given, refused = asked_for_days(site, 5), asked_for_days(site, 7)
    page = site.enter("coordinator", "/centre/deadlines")
    card_of(page, given).focus()
    page.keyboard.press("y")
    expect(page.get_by_role("status").filter(has_text="срок продлён, 5 дней")).to_be_visible()
    card = card_of(page, refused)
    card.focus()
    page.keyboard.press("n")
    card.get_by_role("button", name="Отказать").click()
    expect(card.get_by_role("alert")).to_contain_text("почему срок не продлён")
    card.get_by_label("Почему").fill("Техника есть в соседнем районе.")
    card.get_by_role("button", name="Отказать").click()
    expect(page.get_by_role("status").filter(has_text="в продлении отказано")).to_be_visible()
    assert wish(site, given, "decided")["decision"] == "approve"
    assert wish(site, refused, "decided")["decision"] == "refuse"
    page.context.close()


def snowed_in(site: Site) -> tuple[str, list[str]]:
    """Several write of one yard; the incident that a rule makes of them, and the citizens' codes."""
    written = [
        submitted(
            site.system,
            text=f"Двор на улице Тихой завален снегом после метели, пройти нельзя, дом {house}.",
            topic="yard-snow-mkd",
            municipality="38602000",
            address=f"сл. Белая, ул. Тихая, д. {house}",
            location={"lat": 51.05, "lon": 35.72},
        )
        for house in (2, 4, 6, 8, 10)
    ]
    coordinator, ids = site.system.account("coordinator"), {each["id"] for each in written}

    def gathered() -> Any:
        asked = {"region": "46", "status": "proposed", "limit": 1000}
        for item in coordinator.get("/api/v1/incidents", params=asked).json()["items"]:
            members = coordinator.get(f"/api/v1/incidents/{item['id']}/appeals", params={"limit": 1000})
            if ids <= {each["appeal_id"] for each in members.json()["items"]}:
                return str(item["id"])
        return None

    return until(gathered, 120), [each["tracking_code"] for each in written]


def test_all_who_wrote_of_one_event_are_answered_by_one_form(site: Site) -> None:
    incident, codes = snowed_in(site)
    centre = site.enter("coordinator", f"/centre/incidents/{incident}")
    centre.get_by_label("Название (увидят граждане)").fill("Снег на улице Тихой")
    centre.get_by_role("button", name="Подтвердить").click()
    expect(centre.get_by_role("status")).to_contain_text("подтверждён")
    desk = at_work(site, "/desk/incidents")
    desk.get_by_role("link", name="Снег на улице Тихой").first.click()
    look_well(desk)
    desk.set_viewport_size({"width": 1280, "height": 900})
    desk.get_by_label("Текст ответа").fill(CLEARED)
    desk.get_by_role("button", name="Ответить всем").dblclick()
    expect(desk.get_by_role("status")).to_contain_text("Ответ принят")

    def answered() -> bool:
        return all(tracked(site.system, code)["answers"] for code in codes)

    until(answered, 90)
    citizen = site.visit(f"/track/{codes[0]}")
    expect(citizen.locator(".answer .quote")).to_contain_text(tracked(site.system, codes[0])["number"])
    for page in (centre, desk, citizen):
        page.context.close()
