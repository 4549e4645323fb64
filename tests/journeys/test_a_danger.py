"""Somebody writes of gas instead of calling 112: what they are answered, and who learns of it how soon."""

from __future__ import annotations

import time
from typing import Any

from harness.system import System
from tests.journeys.steps import act, claimed, holder, pothole_topic, submitted, tracked, until

GAS = "Во дворе у остановки сильно пахнет газом, люди не понимают, что делать"
SECONDS = 5.0


def test_from_the_notice_to_the_coordinators_list(system: System) -> None:
    """Post → «звоните 112» → first in the coordinator's list and in the organisation's queue within 5 s → accepted."""
    coordinator = system.account("coordinator")

    def listed(number: str) -> dict[str, Any] | None:
        page = coordinator.get("/api/v1/triage", params={"region": "46", "limit": 1000}).json()
        return next((item for item in page["items"] if item["number"] == number), None)

    began = time.monotonic()
    appeal = submitted(system, text=GAS, topic=pothole_topic(system))
    assert "звоните 112" in appeal["notice"]
    item = until(lambda: listed(appeal["number"]), SECONDS)
    assert time.monotonic() - began < SECONDS
    assert (item["flags"], item["importance"], item["kind"]) == (["112"], "danger", "problem")
    assert item["organisation"] is not None
    view = until(lambda: v if (v := tracked(system, appeal["tracking_code"]))["due_on"] else None)
    assert "звоните 112" in view["notice"]

    agency = holder(system, appeal["id"])
    queue = agency.get("/api/v1/queue", params={"limit": 1000}).json()["items"]
    assert appeal["id"] in {each["appeal_id"] for each in queue}
    act(agency, claimed(agency, appeal["id"]), "accept")
    until(lambda: listed(appeal["number"]) is None)
