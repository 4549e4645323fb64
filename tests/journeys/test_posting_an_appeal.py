"""The story the platform exists for, told over HTTP only."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from harness.system import System, drained
from tests.journeys.steps import (
    PERSONAL,
    act,
    claimed,
    holder,
    opened,
    pothole_topic,
    submitted,
    summary,
    tracked,
    until,
)
from web.room.asking import today_of


def test_from_the_portal_to_the_answer_and_back(system: System) -> None:
    """Post → queue with a deadline → claimed → answered → seen → rated 1 → reopened → counted."""
    until(lambda: drained(system), 120)  # what earlier tests did is counted
    before = summary(system)
    appeal = submitted(system, topic=pothole_topic(system))
    assert appeal["number"].startswith("46-")

    view = until(lambda: v if (v := tracked(system, appeal["tracking_code"]))["due_on"] else None)
    assert view["organisation"]
    agency = holder(system, appeal["id"])
    item = claimed(agency, appeal["id"])
    assert item["due_at"] is not None
    assert item["lease_token"]
    for secret in PERSONAL:
        assert secret not in item["text"]
        assert secret not in str(view)

    item |= act(agency, item, "accept")
    assert item["status"] == "accepted"
    item |= act(agency, item, "answer", text="Яма заделана 20 ноября, фотоотчёт приложен.", outcome="solved")
    assert item["status"] == "answered"

    view = until(lambda: v if (v := tracked(system, appeal["tracking_code"]))["answers"] else None)
    assert view["status"] == "answered"
    assert view["answers"][0]["text"].startswith("Яма заделана")

    rating = {"score": 1, "solved": False, "comment": "Яма на месте, звоните 8 910 555 12 34"}
    assert system.http.post(f"/api/v1/track/{appeal['tracking_code']}/rating", json=rating).status_code in (
        200,
        201,
    )
    until(lambda: tracked(system, appeal["tracking_code"])["status"] == "reopened")
    again = claimed(agency, appeal["id"])
    assert again["version"] > item["version"]

    def counted() -> bool:
        now = summary(system)
        return bool(
            now["received"] == before["received"] + 1
            and now["answered"] == before["answered"] + 1
            and now["reopened"] == before["reopened"] + 1
        )

    until(counted)


def test_the_citizen_the_agency_and_the_coordinator_see_the_same_deadline(system: System) -> None:
    """One due date, one reason, three views."""
    appeal = submitted(system, topic=pothole_topic(system))
    view = until(lambda: v if (v := tracked(system, appeal["tracking_code"]))["due_on"] else None)
    agency = holder(system, appeal["id"])

    def in_queue() -> Any:
        items = agency.get("/api/v1/queue", params={"limit": 1000}).json()["items"]
        return next((i for i in items if i["appeal_id"] == appeal["id"] and i["due_at"]), None)

    queued = until(in_queue)
    deadlines = system.account("coordinator").get(f"/api/v1/appeals/{appeal['id']}/deadlines").json()["items"]
    clock = next(
        item for item in deadlines if item["clock"] == "answer" and item["assignment_id"] == queued["id"]
    )
    assert clock["state"] == "running"
    assert clock["due_on"] == view["due_on"]
    assert clock["due_at"] == queued["due_at"]
    assert clock["explanation"]
    assert view["due_reason"] == queued["due_reason"] == clock["reason"]


def test_posting_twice_registers_once(system: System) -> None:
    """Same external id or key and body: the first appeal; another body: 422."""
    portal = system.account("portal")
    body = {"text": "Не горит фонарь на улице Союзной", "region": "46", "external_id": str(uuid4())}
    first = portal.post("/api/v1/appeals", json=body)
    again = portal.post("/api/v1/appeals", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    assert portal.post("/api/v1/appeals", json={**body, "text": "Другое"}).status_code == 422

    key = {"Idempotency-Key": str(uuid4())}
    body = {"text": "Не вывозят мусор на Станционной", "region": "46"}
    first = portal.post("/api/v1/appeals", json=body, headers=key)
    again = portal.post("/api/v1/appeals", json=body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotent-replayed"] == "true"
    assert first.json() == again.json()
    assert portal.post("/api/v1/appeals", json={**body, "text": "Другое"}, headers=key).status_code == 422


def test_an_unclear_appeal_waits_in_triage_and_a_coordinator_brings_it_out(system: System) -> None:
    """An unknown topic code does not refuse the appeal; the coordinator corrects, the body gets it."""
    appeal = submitted(system, topic="no-such-topic")
    coordinator = system.account("coordinator")

    def triaged() -> Any:
        items = coordinator.get("/api/v1/triage", params={"limit": 1000}).json()["items"]
        return next((item for item in items if item["appeal_id"] == appeal["id"]), None)

    item = until(triaged)
    assert item["topic"], "even in triage there is a best guess"
    target = system.agencies()[0]
    answer = coordinator.post(
        f"/api/v1/assignments/{item['id']}/correct",
        json={"topic": pothole_topic(system), "organisation": target.organisation_id},
        headers={"If-Match": str(item["version"])},
    )
    assert answer.status_code == 200, answer.text
    assert claimed(target, appeal["id"])["id"] == item["id"]
    assert until(lambda: tracked(system, appeal["tracking_code"])["organisation"]) == target.organisation


def test_a_redirect_moves_the_question_to_another_body(system: System) -> None:
    """ "Not ours" ends the sender's assignment and opens the receiver's; both feeds tell it."""
    appeal = submitted(system, topic=pothole_topic(system))
    sender = holder(system, appeal["id"])
    receiver = next(a for a in system.agencies() if a.organisation_id != sender.organisation_id)
    item = claimed(sender, appeal["id"])
    moved = act(
        sender,
        item,
        "redirect",
        reason_code="not_competent",
        comment="Дорога областная",
        suggested_organisation=receiver.organisation_id,
    )
    assert moved["status"] == "redirected"
    successor = claimed(receiver, appeal["id"])
    assert successor["id"] != item["id"]
    assert successor["due_at"] is None or successor["due_at"]

    def left() -> bool:
        cursor, changes = "", []
        while True:
            page = sender.get("/api/v1/queue/changes", params={"cursor": cursor, "limit": 1000}).json()
            changes += [(c["assignment_id"], c["change"]) for c in page["items"]]
            cursor = page["next_cursor"]
            if not page["items"]:
                return (item["id"], "left") in changes

    assert until(left)
    until(lambda: tracked(system, appeal["tracking_code"])["organisation"] == receiver.organisation)


def test_documents_stop_the_clock_a_mark_shortens_it_and_forwarding_ends_it(system: System) -> None:
    """What the body and the coordinator do to a deadline is seen by the citizen, with the reason."""
    created = submitted(system, topic=pothole_topic(system))
    agency = holder(system, created["id"])
    item = claimed(agency, created["id"])
    before, asked_on = until(lambda: tracked(system, created["tracking_code"])["due_on"]), today_of("46")
    act(agency, item, "request-documents", addressee="Росреестр", what="Выписка на участок")
    paused = until(lambda: (seen := tracked(system, created["tracking_code"]))["due_on"] is None and seen)
    assert "запрос документов" in paused["due_reason"]
    assert "Запрошены документы: Росреестр" in [line["what"] for line in paused["timeline"]]
    details = agency.get(f"/api/v1/assignments/{item['id']}").json()
    act(agency, item, "receive-documents", request_id=details["document_requests"][0]["id"])
    resumed = until(lambda: tracked(system, created["tracking_code"])["due_on"])
    assert resumed == before or (resumed > before and today_of("46") > asked_on), "less than a day passed"

    coordinator = system.account("coordinator")
    marked = coordinator.post(
        f"/api/v1/appeals/{created['id']}/deadlines/cases",
        json={"case": "fast_track", "reason": "Короткая работа"},
    )
    assert marked.status_code == 200, marked.text
    until(lambda: tracked(system, created["tracking_code"])["due_on"] < before)
    queued = agency.get("/api/v1/queue", params={"limit": 1000}).json()["items"]
    mine = next(each for each in queued if each["id"] == item["id"])
    assert mine["due_on"] == tracked(system, created["tracking_code"])["due_on"]

    forwarded = coordinator.post(
        f"/api/v1/appeals/{created['id']}/forward", json={"addressee": "УМВД России", "reason": "Не наше"}
    )
    assert forwarded.status_code == 200, forwarded.text
    closed = until(lambda: (seen := tracked(system, created["tracking_code"]))["status"] == "closed" and seen)
    assert "Направлено по компетенции: УМВД России" in [line["what"] for line in closed["timeline"]]


def test_personal_data_stays_at_home(system: System) -> None:
    """The masked text is all that others see; the original is opened with a purpose, by those who may."""
    appeal = submitted(system, topic=pothole_topic(system))
    agency = holder(system, appeal["id"])
    coordinator = system.account("coordinator")
    masked = until(lambda: coordinator.get(f"/api/v1/appeals/{appeal['id']}").json())
    for secret in (*PERSONAL, "кв. 7"):
        assert secret not in str(masked)
    original = opened(agency, appeal["id"], "Выезд на место")
    assert "555-12-34" in original["text"]
    assert original["applicant"]["name"] == "Петрова Мария Ивановна"
    stranger = next(a for a in system.agencies() if a.organisation_id != agency.organisation_id)
    assert stranger.post(f"/api/v1/appeals/{appeal['id']}/original", json={"purpose": "x"}).status_code == 404
    assert (
        system.account("analyst")
        .post(f"/api/v1/appeals/{appeal['id']}/original", json={"purpose": "x"})
        .status_code
        == 403
    )
    history = coordinator.get(f"/api/v1/appeals/{appeal['id']}/history").json()
    assert any("Выезд на место" in str(entry) for entry in history["items"]), "access is logged"


@pytest.mark.parametrize(
    "log", ["intake", "routing", "sla", "analytics", "gateway", "nats-server", "postgres"]
)
def test_no_log_holds_what_citizens_wrote(system: System, log: str) -> None:
    """Planted canaries are in no log."""
    canary = f"Канарейкин{uuid4().hex[:8]}"
    submitted(system, text=f"Меня зовут {canary}, нет воды", applicant={"name": canary})
    until(lambda: summary(system)["received"])
    for file in (system.home / "log").glob(f"{log}*"):
        content = file.read_text(errors="replace")
        assert canary not in content
        assert "petrova@example.ru" not in content
