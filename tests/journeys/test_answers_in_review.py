"""An answer that a check blocks, over HTTP: the citizen sees nothing of it until it is mended and approved."""

from __future__ import annotations

from typing import Any

from harness.system import Account, System, drained
from tests.journeys.steps import act, claimed, holder, pothole_topic, submitted, tracked, until

RUDE = "Перестаньте жаловаться, нам и без вас есть чем заняться."
VAGUE = "Спасибо за обращение! Нам важно мнение каждого жителя."
GOOD = "Яма у дома 12 заделана 20 ноября бригадой МУП «Дорожник», акт № 14."


def waiting(coordinator: Account, assignment_id: str) -> dict[str, Any] | None:
    """The answer to an assignment in the list of reviews."""
    items = coordinator.get("/api/v1/reviews", params={"region": "46", "limit": 1000}).json()["items"]
    return next((item for item in items if item["assignment_id"] == assignment_id), None)


def decide(coordinator: Account, item: dict[str, Any], **body: Any) -> dict[str, Any]:
    """A coordinator's decision."""
    answer = coordinator.post(
        f"/api/v1/answers/{item['id']}/review", json=body, headers={"If-Match": str(item["version"])}
    )
    assert answer.status_code == 200, answer.text
    decided: dict[str, Any] = answer.json()
    return decided


def test_blocked_returned_mended_approved(system: System) -> None:
    """Blocked → listed → returned with reasons → mended, blocked once more → approved → seen."""
    coordinator = system.account("coordinator")
    appeal = submitted(system, topic=pothole_topic(system))
    agency = holder(system, appeal["id"])
    item = claimed(agency, appeal["id"])
    item |= act(agency, item, "answer", text=RUDE, outcome="explained")
    assert item["status"] == "in_review"
    first = waiting(coordinator, item["id"])
    assert first is not None
    assert (first["mode"], first["checks"][0]["check"]) == ("risk", "rude")
    decide(coordinator, first, decision="return", reasons=["Уберите упрёки."])
    until(lambda: drained(system), 60)
    shown = system.http.get(f"/api/v1/track/{appeal['tracking_code']}").text
    assert "Перестаньте" not in shown
    assert "упрёки" not in shown
    assert tracked(system, appeal["tracking_code"])["answers"] == []

    item |= agency.get(f"/api/v1/assignments/{item['id']}").json()
    assert item["status"] == "accepted"
    item |= act(agency, item, "answer", text=VAGUE, outcome="explained")
    second = waiting(coordinator, item["id"])
    assert second is not None
    decide(coordinator, second, decision="return", reasons=["Напишите, что сделано."])
    item |= agency.get(f"/api/v1/assignments/{item['id']}").json()
    item |= act(agency, item, "answer", text=GOOD, outcome="solved")
    assert item["status"] == "answered"
    view = until(lambda: v if (v := tracked(system, appeal["tracking_code"]))["answers"] else None)
    assert [each["text"] for each in view["answers"]] == [GOOD]
    history = coordinator.get(f"/api/v1/appeals/{appeal['id']}/history").text
    assert "возвращён на доработку" in history
    assert "Уберите упрёки." in history


def test_what_the_coordinator_approves_is_seen(system: System) -> None:
    """Also what a check had blocked: a person decides."""
    coordinator = system.account("coordinator")
    appeal = submitted(system, topic=pothole_topic(system))
    agency = holder(system, appeal["id"])
    item = claimed(agency, appeal["id"])
    item |= act(agency, item, "answer", text=VAGUE, outcome="explained")
    found = waiting(coordinator, item["id"])
    assert found is not None
    assert decide(coordinator, found, decision="approve")["state"] == "published"
    view = until(lambda: v if (v := tracked(system, appeal["tracking_code"]))["answers"] else None)
    assert view["answers"][0]["text"] == VAGUE
