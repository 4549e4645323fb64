"""How soon an appeal is where it belongs, at a steady rate."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from typing import Any

import asyncpg

from bench.appeals import body
from bench.load import Steady, percentiles
from harness.system import System
from infra.local.credentials import load_or_create_secrets
from infra.local.paths import Home


class Milestones:
    """Watches the database from outside: when is an appeal in a queue, when has it a deadline, when is it counted."""

    QUERIES = (
        ("in_queue", "SELECT appeal_id FROM routing.assignment WHERE appeal_id = ANY($1::uuid[])"),
        (
            "deadline_set",
            "SELECT appeal_id FROM routing.assignment WHERE appeal_id = ANY($1::uuid[]) AND due_at IS NOT NULL",
        ),
        (
            "counted",
            "SELECT appeal_id FROM analytics.fact_appeal WHERE appeal_id = ANY($1::uuid[]) AND received_at IS NOT NULL",
        ),
    )

    def __init__(self, system: System) -> None:
        home = Home.at(system.home)
        self.password = load_or_create_secrets(home).database["postgres"]
        self.host = str(home.postgres_socket)
        self.posted: dict[str, float] = {}
        self.reached: dict[str, dict[str, float]] = {name: {} for name, _ in self.QUERIES}
        self.over = threading.Event()

    def run(self) -> None:
        """Poll every 25 ms until all that was posted has reached everything."""
        asyncio.run(self._watch())

    async def _watch(self) -> None:
        connection = await asyncpg.connect(
            host=self.host, user="postgres", password=self.password, database="otklik"
        )
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            missing = 0
            for name, sql in self.QUERIES:
                waiting = [key for key in list(self.posted) if key not in self.reached[name]]
                missing += len(waiting)
                if waiting:
                    for row in await connection.fetch(sql, waiting):
                        self.reached[name].setdefault(str(row["appeal_id"]), time.perf_counter())
            if self.over.is_set() and not missing:
                break
            await asyncio.sleep(0.025)
        await connection.close()

    def figures(self) -> dict[str, Any]:
        """Percentiles in milliseconds from the 201 to each milestone."""
        return {
            name: percentiles([at - self.posted[key] for key, at in found.items()])
            for name, found in self.reached.items()
        }


def measure_latency(system: System, per_second: int, seconds: float) -> dict[str, Any]:
    """Steady posting at a rate; from the post to the queue, the deadline, the figures."""
    milestones = Milestones(system)
    watcher = threading.Thread(target=milestones.run)
    watcher.start()
    asyncio.run(_post_steadily(system, milestones, per_second, int(per_second * seconds)))
    milestones.over.set()
    watcher.join()
    lost = {name: len(milestones.posted) - len(found) for name, found in milestones.reached.items()}
    return {
        "rate_per_second": per_second,
        "appeals": len(milestones.posted),
        "missing": lost,
        "ms": milestones.figures(),
        "goal": "in_queue p95 <= 500 ms",
    }


async def _post_steadily(system: System, milestones: Milestones, per_second: int, count: int) -> None:
    def answered(due: float, status: int, content: bytes) -> None:
        if status != 201:
            raise AssertionError(f"not registered: {status} {content!r}")
        milestones.posted[json.loads(content)["id"]] = due

    bodies = [json.dumps(body(number), ensure_ascii=False) for number in range(count)]
    headers = system.account("portal").headers()
    await Steady(f"{system.url}/api/v1/appeals", headers, bodies, per_second, answered).run()
