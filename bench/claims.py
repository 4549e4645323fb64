"""How fast workers of one agency empty its queue, and that nothing is given twice."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx2

from bench.appeals import body, post_batch
from bench.waiting import drained, wait
from harness.system import Account, System


def measure_claims(system: System, total: int, workers: int = 8) -> dict[str, Any]:
    """Workers of one agency empty its queue; every assignment is given once."""
    agency = fill_one_queue(system, total)
    claimed: list[str] = []
    lock = threading.Lock()

    def work() -> None:
        with httpx2.Client(base_url=system.url, timeout=60) as http:
            while True:
                answer = http.post(
                    "/api/v1/queue/claim", json={"limit": 50, "lease_seconds": 600}, headers=agency.headers()
                )
                items = answer.json()["items"]
                if not items:
                    return
                with lock:
                    claimed.extend(item["id"] for item in items)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    return {
        "claims_per_second": round(len(claimed) / took),
        "claimed": len(claimed),
        "given_twice": len(claimed) - len(set(claimed)),
        "workers": workers,
        "goal": ">= 2000/s, none twice",
    }


def fill_one_queue(system: System, total: int) -> Account:
    """Post appeals of one topic until one agency has `total` of them in its queue; that agency."""
    topics = (
        system.account("coordinator").get("/api/v1/topics", params={"region": "46", "limit": 1000}).json()
    )
    topic = topics["items"][0]["code"]
    portal = system.account("portal")
    for _ in range(total // 2000):
        post_batch(portal, 2000, topic=topic)
    drained(system)
    explained = system.account("coordinator").post(
        "/api/v1/appeals", json={**body(0), "topic": topic}, headers={}
    )
    appeal_id = explained.json()["id"]
    found: list[Any] = []

    def routed() -> bool:
        items = (
            system.account("coordinator")
            .get(f"/api/v1/appeals/{appeal_id}/deadlines")
            .json()
            .get("items", [])
        )
        found[:] = [item["organisation_id"] for item in items if item.get("organisation_id")]
        return bool(found)

    wait(routed, 30)
    return system.agency(found[0])
