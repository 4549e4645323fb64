"""What tests of the centre's pages prepare: people, appeals, answers, entries of lists."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from harness.system import PersonAccount, System
from tests.journeys.pages.conftest import Site
from tests.journeys.steps import act, claimed, holder, pothole_topic, submitted, until

PASSWORD = "Ни-в-одном-словаре-2026"
VAGUE = "Прошу разобраться в сложившейся ситуации и принять меры, вопрос {mark} давно ждёт решения."
RUDE = "Перестаньте писать глупости, читать надо было раньше."


def made_person(
    system: System, regions: list[str], municipalities: list[str] | None = None, role: str = "coordinator"
) -> PersonAccount:
    """Somebody of these regions, or of a municipal centre, who has accepted the invitation; a coordinator unless said."""
    admin = system.person("admin")
    body = {
        "login": f"centre-{uuid4().hex[:10]}",
        "name": "Вера Соседкина",
        "position": "Координатор",
        "role": role,
        "regions": regions,
        "municipalities": municipalities or [],
    }
    made = admin.post("/api/v1/people", json=body)
    assert made.status_code == 201, made.text
    link = admin.post("/api/v1/people/invitations", json={"person_id": made.json()["id"]})
    accepted = system.http.post(
        "/api/v1/people/invitations/accept", json={"token": link.json()["token"], "password": PASSWORD}
    )
    assert accepted.status_code == 200, accepted.text
    return PersonAccount(system, str(body["login"]), PASSWORD)


def entered(site: Site, person: PersonAccount, path: str) -> Page:
    """A page opened by this person."""
    page = site.visit(path)
    page.get_by_label("Логин").fill(person.client_id)
    page.get_by_label("Пароль").fill(person.client_secret)
    page.get_by_role("button", name="Войти").click()
    expect(
        page.get_by_role("button", name="Выйти")
    ).to_be_visible()  # a page on its way has no heading, either
    page.wait_for_load_state()
    return page


def listed(site: Site, path: str, **wanted: str) -> dict[str, Any]:
    """The entry of a coordinator's list that has these values, once it is there."""
    coordinator = site.system.account("coordinator")

    def find() -> Any:
        items = coordinator.get(path, params={"region": "46", "limit": 1000}).json()["items"]
        return next((item for item in items if wanted.items() <= item.items()), None)

    found: dict[str, Any] = until(find, 60)
    return found


def in_triage(site: Site) -> dict[str, Any]:
    """An appeal that nobody can tell the topic of waits for a coordinator."""
    appeal = submitted(
        site.system, text=VAGUE.format(mark=uuid4().hex[:8]), address=None, topic="no-such-topic"
    )
    return listed(site, "/api/v1/triage", appeal_id=appeal["id"])


def in_review(site: Site) -> dict[str, Any]:
    """An answer that a check holds."""
    appeal = submitted(site.system, topic=pothole_topic(site.system))
    agency = holder(site.system, appeal["id"])
    item = claimed(agency, appeal["id"])
    act(agency, item, "answer", text=RUDE, outcome="explained")
    return listed(site, "/api/v1/reviews", appeal_id=appeal["id"])


def entry(page: Page, number: str) -> Locator:
    """The entry of an appeal, on whatever page of the list it stands."""
    while True:
        found = page.locator("[data-item]", has=page.get_by_role("link", name=number, exact=True))
        if found.count():
            return found.first
        page.get_by_role("link", name="Дальше").click()
        page.wait_for_load_state()
