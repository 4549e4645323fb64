"""Things that regions have, each made by whoever makes it there. `CANARY` is in every name of the foreign region, `SECRET` in every
text; neither may ever reach a stranger."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

from uuid_utils.compat import uuid7

from harness.system import Account, System
from tests.chaos.test_kill_nine import query
from tests.journeys.foreign.bodies import channel_body
from tests.journeys.steps import until

HOME, AWAY = "46", "59"
CANARY, SECRET = "Жукотрещотка", "Скрипоцветик"


def make_decision(coordinator: Account, region: str, topic: str, title: str = "Решение") -> str:
    """A management decision; its id."""
    decision = {"region": region, "title": title, "owner": title, "topic": topic}
    made = coordinator.post("/api/v1/analytics/decisions", json=decision)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def client(system: System, role: str, region: str, organisation: str = "") -> Account:
    """A new client of one region."""
    body: dict[str, Any] = {
        "name": f"{CANARY if region == AWAY else HOME} {role}",
        "role": role,
        "regions": [region],
    }
    body |= {"requests_per_minute": 10_000_000, **({"organisation_id": organisation} if organisation else {})}
    made = system.account("admin").post("/api/v1/clients", json=body)
    assert made.status_code == 201, made.text
    return Account(system, made.json()["client_id"], made.json()["client_secret"], "", organisation)


def make_widget(admin: Account, region: str, title: str = "Форма") -> str:
    """A form on other sites; its id."""
    made = admin.post("/api/v1/widgets", json={"region": region, "title": title})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def hooked(account: Account, events: str) -> str:
    """An address of this machine, where nobody listens, to be called; the id of the webhook."""
    made = account.post("/api/v1/webhooks", json={"url": "http://127.0.0.1:9/", "events": [events]})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def watched(admin: Account, region: str, title: str = "Город") -> str:
    """A page of a social network that is watched; the id of its connection."""
    made = admin.post("/api/v1/channels", json=channel_body(region, str(uuid4().int)[:12], title))
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def hired(admin: Account, region: str, name: str = "Имя") -> str:
    """Somebody who may sign in; the person's id."""
    person = {"login": f"p.{uuid4().hex}", "name": name, "role": "coordinator", "regions": [region]}
    made = admin.post("/api/v1/people", json=person)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def announced(
    account: Account, region: str, topic: str, title: str = "Работы", organisation: str = ""
) -> str:
    """A planned work far ahead, so that it answers nobody; its id."""
    work = {
        "region": region,
        "title": title,
        "kind": "repair",
        "topics": [topic],
        "streets": ["ул. Дальняя"],
        "starts_at": "2098-01-01T00:00:00Z",
        "ends_at": "2098-01-02T00:00:00Z",
        "notice": title,
        **({"organisation": organisation} if organisation else {}),
    }
    made = account.post("/api/v1/works", json=work)
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def queued(body: Account, appeal_id: str) -> dict[str, Any]:
    """The assignment of an appeal in a body's queue."""

    def find() -> Any:
        items = body.get("/api/v1/queue", params={"limit": 1000}).json()["items"]
        return next((item for item in items if item["appeal_id"] == appeal_id), None)

    item: dict[str, Any] = until(find)
    return item


def make_incident(system: System, region: str, organisation: str) -> str:
    """A confirmed incident whose lead an organisation holds: found by rules in many appeals, and made by no operation."""
    id = str(uuid7())
    statement = (
        "INSERT INTO routing.incident (region, id, status, title, started_at, last_at, appeals, organisation_id, touched) "
        f"VALUES ('{region}', '{id}', 'confirmed', '{SECRET if region == AWAY else HOME}', now(), now(), 0, "
        f"'{organisation}', true)"
    )
    asyncio.run(query(system, statement))
    return id


def make_problem(system: System, region: str) -> str:
    """A problem that nobody has looked at yet: found by statistics, and made by no operation."""
    id = str(uuid7())
    statement = (
        "INSERT INTO analytics.problem (region, id, kind, topic, started_on, detected_on, last_on, observed, expected, p_value, "
        f"q_value, strength, state_on) VALUES ('{region}', '{id}', 'burst', '{SECRET if region == AWAY else HOME}', "
        "current_date, current_date, current_date, 30, 10, 0, 0, 3, current_date)"
    )
    asyncio.run(query(system, statement))
    return id
