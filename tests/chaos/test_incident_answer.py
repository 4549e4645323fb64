"""One answer to thousands, and routing killed while it is being given: every citizen has it, once."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
import pytest
from uuid_utils.compat import uuid7

from harness import system as systems
from harness.payloads import read_payload
from harness.system import Account, System
from tests.chaos.test_kill_nine import query
from tests.conftest import FULL
from tests.journeys.steps import holder, pothole_topic, submitted, tracked, until

# At reduced size the worker alone is killed, in tests/routing/incidents_acts.
pytestmark = [pytest.mark.in_order, pytest.mark.skipif(not FULL, reason="at full size only")]

APPEALS = 5_000
TEXT = "По обращению {number}: дорога отремонтирована 20 ноября, акт № 14, тел. 8 (4712) 55-00-00."
ANSWER_SECONDS, TRACKING_SECONDS = 10, 60
_INCIDENT = """
INSERT INTO routing.incident (region, id, status, title, started_at, last_at, appeals, touched)
VALUES ('46', '{id}', 'proposed', 'Ямы', now(), now(), {count}, true)
"""
_JOIN = """
INSERT INTO routing.incident_report (region, assignment_id, appeal_id, received_at, matched, incident_id, joined_by, similarity)
SELECT region, id, appeal_id, received_at, true, '{id}', 'rule', 0.9 FROM routing.assignment
WHERE role = 'lead' AND appeal_id IN ({appeals})
ON CONFLICT (region, assignment_id) DO UPDATE SET matched = true, incident_id = excluded.incident_id
"""
_ANSWERED = "SELECT packed, payload FROM routing.outbox WHERE subject = 'routing.assignment.answered.v1'"


@dataclass
class Flood:
    """Many appeals about one thing: what intake acknowledged of each, and the incident they are in."""

    system: System
    lead: Account
    incident: str
    receipts: list[dict[str, Any]]

    def act(self, account: Account, verb: str, **body: Any) -> dict[str, Any]:
        """An act on the incident, in whatever version it is now."""
        listed = account.get("/api/v1/incidents", params={"limit": 1000}).json()["items"]
        version = next((each["version"] for each in listed if each["id"] == self.incident), 1)
        answer = account.post(
            f"/api/v1/incidents/{self.incident}/{verb}", json=body, headers={"If-Match": str(version)}
        )
        assert answer.status_code in (200, 202), answer.text
        found: dict[str, Any] = answer.json()
        return found

    def progress(self) -> dict[str, Any] | None:
        """How far the answer has come, as the lead asks for it; None while routing does not answer."""
        answer = self.lead.post(
            f"/api/v1/incidents/{self.incident}/answer",
            json={"text": TEXT, "outcome": "solved"},
            headers={"If-Match": "1"},
        )
        return answer.json() if answer.status_code == 202 else None

    def done(self) -> int:
        """How many have it, as far as routing says so."""
        return int((self.progress() or {"done": 0})["done"])

    def is_done(self) -> bool:
        """Whether all have it."""
        progress = self.progress()
        return progress is not None and progress["done"] == progress["of"] == len(self.receipts)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A system of this story alone: routing is killed."""
    with systems.running(tmp_path_factory.mktemp("incidents")) as made:
        yield made


@pytest.fixture(scope="module")
def floods() -> list[Flood]:
    """What the first tests prepare for the others."""
    return []


def flooded(system: System) -> Flood:
    """Appeals come, one in ten to nobody, and the rules take them for one."""
    topic = pothole_topic(system)
    lead = holder(system, submitted(system, topic=topic)["id"])
    receipts = [
        receipt
        for start in range(0, APPEALS, 2000)
        for receipt in _post(system, range(start, min(start + 2000, APPEALS)), topic)
    ]
    incident = str(uuid7())
    appeals = ", ".join(f"'{each['id']}'" for each in receipts)
    asked = f"SELECT count(*) FROM routing.assignment WHERE role = 'lead' AND appeal_id IN ({appeals})"
    until(lambda: asyncio.run(query(system, asked))[0][0] == APPEALS, 180)
    asyncio.run(query(system, _INCIDENT.format(id=incident, count=APPEALS)))
    asyncio.run(query(system, _JOIN.format(id=incident, appeals=appeals)))
    return Flood(system, lead, incident, receipts)


def _post(system: System, numbers: range, topic: str) -> list[dict[str, Any]]:
    lines = [
        json.dumps(
            {
                "text": f"Яма на дороге номер {n}, {uuid4()}",
                "region": "46",
                "topic": topic if n % 10 else "nobody-knows",
                "external_id": str(uuid4()),
            }
        )
        for n in numbers
    ]
    answer = system.account("portal").post(
        "/api/v1/appeals/batch",
        content="\n".join(lines).encode(),
        headers={"Content-Type": "application/x-ndjson"},
        timeout=120,
    )
    receipts = [json.loads(line) for line in answer.text.splitlines()]
    assert {each["status"] for each in receipts} == {201}
    return receipts


def confirmed(system: System) -> Flood:
    """A coordinator confirms it: what nobody had goes to the lead."""
    flood = flooded(system)
    shown = flood.act(system.account("coordinator"), "confirm")
    assert shown["organisation"]["id"] == flood.lead.organisation_id
    assert shown["moved"] >= APPEALS // 10
    return flood


def assert_everybody_was_answered_once(flood: Flood) -> None:
    """By the events that went out, held against what intake acknowledged."""
    rows = asyncio.run(query(flood.system, _ANSWERED))
    events = [orjson.loads(read_payload(row))["data"] for row in rows]
    given = Counter(each["appeal_id"] for each in events if each["incident_id"] == flood.incident)
    assert given == Counter(each["id"] for each in flood.receipts)


def seen_by_citizens(flood: Flood) -> bool:
    """Whether the tracking pages show it, each with its own number; the last appeals' first, as they are answered last."""
    for receipt in reversed(flood.receipts[:: max(1, APPEALS // 250)]):
        answers = tracked(flood.system, receipt["tracking_code"])["answers"]
        if [each["text"] for each in answers] != [TEXT.replace("{number}", receipt["number"])]:
            return False
    return True


@pytest.mark.parametrize("number", [1, 2])
def test_thousands_write_of_one_thing(running: System, floods: list[Flood], number: int) -> None:
    """A test each, so that neither takes longer than a test may."""
    floods.append(confirmed(running))


def test_routing_dies_while_the_answer_is_given(
    running: System, floods: list[Flood], proof: Callable[..., None]
) -> None:
    flood = floods[0]
    assert flood.act(flood.lead, "answer", text=TEXT, outcome="solved")["of"] == APPEALS
    kills = 0
    for _ in range(4):
        before = flood.done()
        until(lambda before=before: flood.done() > before or flood.is_done(), 60)
        running.kill("routing")
        kills += 1
        running.wait_ready(150)
    until(flood.is_done, 120)
    assert_everybody_was_answered_once(flood)
    until(lambda: seen_by_citizens(flood), TRACKING_SECONDS)
    proof(appeals=APPEALS, killed=kills, lost=0, doubled=0)


def test_five_thousand_are_answered_in_time(floods: list[Flood], proof: Callable[..., None]) -> None:
    flood = floods[1]
    began = time.monotonic()
    flood.act(flood.lead, "answer", text=TEXT, outcome="solved")
    until(flood.is_done, 120)
    answered = time.monotonic() - began
    until(lambda: seen_by_citizens(flood), 120)
    tracking = time.monotonic() - began
    assert_everybody_was_answered_once(flood)
    proof(appeals=APPEALS, answered_seconds=round(answered, 1), tracking_seconds=round(tracking, 1))
    assert answered <= ANSWER_SECONDS
    assert tracking <= TRACKING_SECONDS
