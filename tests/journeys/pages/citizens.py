"""What citizens do on their pages, and what an agency does meanwhile."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Page

from harness.system import Account, System
from tests.journeys.steps import act, claimed, holder, pothole_topic, submitted, until

HOLE = "На улице Карла Маркса у дома 12 огромная яма на проезжей части, машины бьют колёса"
MENDED = "Яма на улице Карла Маркса у дома 12 заделана 20 ноября, фотоотчёт приложен."
OLD_ENOUGH_MS = 3500  # a form is taken no earlier than three seconds after it was opened


def write(page: Page, text: str, **fields: str) -> None:
    """Fill in the form: the first field, then others by their labels."""
    page.get_by_label("Что случилось?").fill(text)
    for label, value in fields.items():
        page.get_by_label(label, exact=True).fill(value)


def send(page: Page) -> str:
    """Send a form that has been open long enough; the tracking code of its receipt."""
    page.wait_for_timeout(OLD_ENOUGH_MS)
    page.get_by_role("button", name="Отправить", exact=True).click()
    page.wait_for_url("**/receipt")
    return page.locator(".code").inner_text()


def appeal_about_a_hole(system: System) -> tuple[dict[str, Any], Account]:
    """An appeal that a portal has posted, and the agency that holds it."""
    appeal = submitted(system, topic=pothole_topic(system), text=HOLE)
    return appeal, holder(system, appeal["id"])


def answer(
    system: System,
    agency: Account,
    appeal: dict[str, Any],
    text: str = MENDED,
    accepted: dict[str, Any] | None = None,
) -> None:
    """The agency answers; a coordinator lets through what is held; the citizen may see it then."""
    item = accepted or _accept(agency, appeal)
    item |= act(agency, item, "answer", text=text, outcome="solved")
    if item["status"] == "in_review":
        approve(system.account("coordinator"), item["id"])
    until(lambda: system.http.get(f"/api/v1/track/{appeal['tracking_code']}").json()["may_rate"])


def _accept(agency: Account, appeal: dict[str, Any]) -> dict[str, Any]:
    item = claimed(agency, appeal["id"])
    return item | act(agency, item, "accept")


def approve(coordinator: Account, assignment_id: str) -> None:
    """Of the answers that wait, that of an assignment."""

    def waiting() -> Any:
        found = coordinator.get("/api/v1/reviews", params={"region": "46", "limit": 1000}).json()["items"]
        return next((each for each in found if each["assignment_id"] == assignment_id), None)

    held = until(waiting)
    decided = coordinator.post(
        f"/api/v1/answers/{held['id']}/review",
        json={"decision": "approve", "reasons": []},
        headers={"If-Match": str(held["version"]), "Idempotency-Key": str(uuid4())},
    )
    assert decided.status_code == 200, decided.text
