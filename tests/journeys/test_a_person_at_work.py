"""A person signs in and works off an assignment; the history knows who it was, and officials can read the name."""

from __future__ import annotations

from typing import Any

from harness.system import System
from tests.journeys.steps import submitted, until


def test_what_a_person_does_is_known_by_name(system: System) -> None:
    agency, coordinator = system.person("agency"), system.person("coordinator")
    appeal = submitted(system)
    assigned = until(lambda: _in_triage_or_assigned(system, appeal["id"]))
    holder = assigned["organisation"]
    if holder is None or holder["id"] != agency.organisation_id:
        body = {"organisation": agency.organisation_id}
        path, version = f"/api/v1/assignments/{assigned['id']}/correct", str(assigned["version"])
        moved = coordinator.post(path, json=body, headers={"If-Match": version})
        assert moved.status_code == 200, moved.text
        assigned = moved.json()

    def mine() -> Any:
        found = agency.get(f"/api/v1/assignments/{assigned['id']}")
        return found.json() if found.status_code == 200 else None

    item = until(mine)
    for act, body in (
        ("accept", {}),
        ("answer", {"text": "Яма заделана, работы приняты.", "outcome": "solved"}),
    ):
        path = f"/api/v1/assignments/{item['id']}/{act}"
        answer = agency.post(path, json=body, headers={"If-Match": str(item["version"])})
        assert answer.status_code == 200, answer.text
        item = answer.json()

    def acted() -> set[str]:
        entries = coordinator.get(f"/api/v1/appeals/{appeal['id']}/history").json()["items"]
        return {entry["person"] for entry in entries if entry.get("person")}

    people = until(lambda: found if agency.person_id in (found := acted()) else None)
    named = coordinator.get("/api/v1/people/names", params={"ids": ",".join(people)}).json()["items"]
    names = {each["id"]: (each["name"], each["position"]) for each in named}
    assert names[agency.person_id] == ("Анна Исполнителева", "Специалист по работе с обращениями")

    token = agency.headers()
    assert system.http.delete("/api/v1/sessions/current", headers=token).status_code == 204
    assert until(lambda: system.http.get("/api/v1/queue", headers=token).status_code == 401)


def _in_triage_or_assigned(system: System, appeal_id: str) -> dict[str, Any] | None:
    """The appeal's assignment, wherever it is."""
    items = (
        system.account("coordinator").get(f"/api/v1/appeals/{appeal_id}/deadlines").json().get("items", [])
    )
    ids = [item["assignment_id"] for item in items if item["assignment_id"]]
    if not ids:
        return None
    found: dict[str, Any] = system.account("coordinator").get(f"/api/v1/assignments/{ids[0]}").json()
    return found
