"""A portal's and an agency's systems are called when something happens, whatever fails on the way."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from harness.receiver import Received, Receiver, receiving
from harness.system import Account, System
from tests.journeys.steps import PERSONAL, act, claimed, holder, submitted, until


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as running:
        yield running


def hooked(account: Account, url: str, *events: str) -> dict[str, Any]:
    made = account.post("/api/v1/webhooks", json={"url": url, "events": list(events)})
    assert made.status_code == 201, made.text
    webhook: dict[str, Any] = made.json()
    return webhook


def calls_about(receiver: Receiver, object_id: str) -> list[Received]:
    return [each for each in list(receiver.received) if each.json["data"]["id"] == object_id]


def deleted(account: Account, webhook: dict[str, Any]) -> None:
    assert account.request("DELETE", f"/api/v1/webhooks/{webhook['id']}").status_code == 204


def test_from_a_portals_post_to_its_own_receiver(system: System, receiver: Receiver) -> None:
    portal = system.account("portal")
    webhook = hooked(portal, receiver.url(), "appeal.*")
    created = submitted(system, external_id="portal-hook-1")
    first = until(lambda: calls_about(receiver, created["id"]))[0]
    assert first.json["type"] == "appeal.registered"
    assert first.json["data"]["number"] == created["number"]
    assert first.json["data"]["external_id"] == "portal-hook-1"
    agency = holder(system, created["id"])
    act(
        agency,
        claimed(agency, created["id"]),
        "answer",
        text="Сделано, акт № 7 от 1 декабря.",
        outcome="solved",
    )
    until(
        lambda: [
            each for each in calls_about(receiver, created["id"]) if each.json["data"]["status"] == "answered"
        ]
    )
    for call in calls_about(receiver, created["id"]):
        assert call.is_signed_with(webhook["secret"])
        assert abs(int(call.headers["webhook-timestamp"]) - time.time()) < 300
        assert not any(word in call.body.decode() for word in (*PERSONAL, "яма", "Сделано"))
    deleted(portal, webhook)


def test_an_agency_is_called_for_its_organisations_assignments_alone(
    system: System, receiver: Receiver
) -> None:
    agency = holder(system, submitted(system)["id"])
    other = next(each for each in system.agencies() if each.organisation_id != agency.organisation_id)
    own = hooked(agency, receiver.url("/own"), "assignment.entered")
    others = hooked(other, receiver.url("/others"), "assignment.*")
    created = submitted(system)
    assert holder(system, created["id"]).organisation_id == agency.organisation_id
    call = until(
        lambda: [each for each in receiver.received if each.json["data"]["number"] == created["number"]]
    )[0]
    assert (call.path, call.json["type"], call.json["data"]["version"]) == ("/own", "assignment.entered", 1)
    assert call.is_signed_with(own["secret"])
    assert {each.path for each in receiver.received} == {"/own"}
    portal = system.account("portal")
    for path, webhook in (("", own), ("/deliveries", own), ("", others)):
        asked = portal.get(f"/api/v1/webhooks/{webhook['id']}{path}")
        assert asked.status_code == 404, asked.text
    assert other.get(f"/api/v1/webhooks/{own['id']}").status_code == 404
    assert own["id"] in {each["id"] for each in agency.get("/api/v1/webhooks").json()["items"]}
    deleted(agency, own)
    deleted(other, others)


def test_who_was_away_hears_of_it_when_back_also_after_the_caller_was_killed(system: System) -> None:
    portal = system.account("portal")
    with receiving() as away:
        webhook = hooked(portal, away.url(), "appeal.registered")
    missed = submitted(system)

    def failing() -> Any:
        return portal.get(f"/api/v1/webhooks/{webhook['id']}").json()["failing_since"]

    until(failing)
    with receiving(away.port) as back:
        back.gate.clear()  # it takes the call, and does not answer
        call = until(lambda: calls_about(back, missed["id"]))[0]
        system.kill("intake-work")
        more = submitted(system)
        back.gate.set()
        until(lambda: calls_about(back, more["id"]), 120)
        until(lambda: len(calls_about(back, missed["id"])) > 1 or None, 120)
        assert {each.id for each in calls_about(back, missed["id"])} == {call.id}
        assert all(each.is_signed_with(webhook["secret"]) for each in back.received)

        def delivered() -> Any:
            page = portal.get(f"/api/v1/webhooks/{webhook['id']}/deliveries").json()["items"]
            states = {each["subject_id"]: each["state"] for each in page}
            return states if set(states.values()) == {"delivered"} else None

        assert until(delivered, 120).keys() >= {missed["id"], more["id"]}
    system.wait_ready()
    deleted(portal, webhook)
