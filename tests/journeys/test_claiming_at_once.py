"""Eight workers, one queue: no assignment is leased twice at a time, an expired lease returns, nothing is left over."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from uuid import uuid4

from harness.system import Account, System
from tests.conftest import size
from tests.journeys.steps import holder, pothole_topic, submitted, until, while_it_goes_on

WORKERS = 8


def filled_queue(system: System, count: int) -> Account:
    """Post `count` appeals of one topic; the agency that has them all."""
    topic = pothole_topic(system)
    agency = holder(system, submitted(system, topic=topic)["id"])
    lines = [
        json.dumps(
            {
                "text": f"Яма на дороге номер {n}",
                "region": "46",
                "municipality": "38701000",
                "topic": topic,
                "external_id": str(uuid4()),
            },
            ensure_ascii=False,
        )
        for n in range(count)
    ]
    for start in range(0, count, 2000):
        answer = system.account("portal").post(
            "/api/v1/appeals/batch",
            content="\n".join(lines[start : start + 2000]).encode(),
            headers={"Content-Type": "application/x-ndjson"},
            timeout=120,
        )
        assert {json.loads(line)["status"] for line in answer.text.splitlines()} == {201}

    while_it_goes_on(lambda: new_in_queue(agency), lambda seen: seen >= count)
    return agency


def new_in_queue(agency: Account) -> int:
    """How many assignments of its queue nobody has accepted."""
    seen, cursor = 0, ""
    while True:
        page = agency.get("/api/v1/queue", params={"status": "new", "limit": 1000, "cursor": cursor}).json()
        seen += len(page["items"])
        cursor = page["next_cursor"]
        if not cursor:
            return seen


def test_no_assignment_is_given_to_two_workers(system: System, proof: Callable[..., None]) -> None:
    """All leases are long, so an id seen twice would be held twice."""
    agency = filled_queue(system, size(600, 10_000))
    given: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        while True:
            answer = agency.post("/api/v1/queue/claim", json={"limit": 50, "lease_seconds": 600})
            assert answer.status_code == 200, answer.text
            if not answer.json()["items"]:
                return
            with lock:
                given.extend(item["id"] for item in answer.json()["items"])

    workers = [threading.Thread(target=work) for _ in range(WORKERS)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    took = time.perf_counter() - began
    assert len(given) >= size(600, 10_000)
    assert len(given) == len(set(given))
    proof(claimed=len(given), given_twice=len(given) - len(set(given)), per_second=round(len(given) / took))


def test_an_expired_lease_returns_and_the_old_token_is_worthless(system: System) -> None:
    """A worker that dies gives its assignment back by itself; acting with its token is `lease-lost`."""
    agency = holder(system, submitted(system, topic=pothole_topic(system))["id"])
    first = agency.post("/api/v1/queue/claim", json={"limit": 1, "lease_seconds": 10}).json()["items"]
    if not first:  # an earlier test holds everything with long leases
        appeal = submitted(system, topic=pothole_topic(system))
        first = until(
            lambda: agency.post("/api/v1/queue/claim", json={"limit": 1, "lease_seconds": 10}).json()["items"]
        )
        assert appeal
    lost = first[0]

    def again() -> bool:
        items = agency.post("/api/v1/queue/claim", json={"limit": 1000, "lease_seconds": 60}).json()["items"]
        return any(item["id"] == lost["id"] and item["lease_token"] != lost["lease_token"] for item in items)

    assert not again(), "still leased"
    until(again, 20)
    answer = agency.post(
        f"/api/v1/assignments/{lost['id']}/accept",
        json={"lease_token": lost["lease_token"]},
        headers={"If-Match": str(lost["version"])},
    )
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("lease-lost")
