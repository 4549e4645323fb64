"""Work for the demo's official: appeals that come to that person's organisation, alone in its queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

from harness.system import PersonAccount, System
from tests.journeys.pages.conftest import Site
from tests.journeys.steps import submitted, until

GOOD_ANSWER = (
    "Двор на улице Кирова очищен от снега и наледи 29 ноября 2026 года, дорожки к подъездам посыпаны песком. "
    "Фотоотчёт приложен. Следит за уборкой отдел благоустройства администрации района."
)
EMPTY_WORDS = "Ваше обращение рассмотрено, меры будут приняты в ближайшее время."


@dataclass(frozen=True)
class Task:
    """An appeal in the official's queue. `item`: the assignment as the queue shows it; `code`: the citizen's."""

    item: dict[str, Any]
    code: str

    @property
    def path(self) -> str:
        """Of its page."""
        return f"/desk/a/{self.item['id']}"


def official(system: System) -> PersonAccount:
    """The demo's person of an organisation."""
    return system.person("agency")


def new_task(system: System, house: int = 14, text: str = "") -> Task:
    """An appeal that has just come to the official's organisation, with its deadline."""
    appeal = submitted(
        system,
        text=text or f"Наледь у подъезда, сл. Белая, ул. Кирова, д. {house}, дорожки песком не посыпают.",
        topic="yard-snow-mkd",
        municipality="38602000",
        address=f"сл. Белая, ул. Кирова, д. {house}",
    )
    who = official(system)

    def in_queue() -> Any:
        items = who.get("/api/v1/queue", params={"limit": 1000}).json()["items"]
        return next((each for each in items if each["appeal_id"] == appeal["id"] and each["due_at"]), None)

    return Task(until(in_queue, 60), appeal["tracking_code"])


def only_task(system: System) -> Task:
    """The same as the next one to be claimed."""
    clear_queue(system)
    return new_task(system)


def clear_queue(system: System) -> None:
    """Whatever is new there, or new again, is taken to work: what comes next is the next to be claimed."""
    who = official(system)
    waiting = [
        each
        for status in ("new", "reopened")
        for each in who.get("/api/v1/queue", params={"limit": 250, "status": status}).json()["items"]
    ]
    if waiting:
        items = [{"id": each["id"], "version": each["version"]} for each in waiting]
        done = who.post("/api/v1/assignments/bulk", json={"action": "accept", "items": items})
        assert done.status_code == 200


def stored(system: System, task: Task) -> dict[str, Any]:
    """The assignment as it is now."""
    answer = official(system).get(f"/api/v1/assignments/{task.item['id']}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def at_work(site: Site, path: str = "/desk") -> Page:
    """The official's browser."""
    page = site.enter("agency", path)
    page.set_default_timeout(60_000)
    return page
