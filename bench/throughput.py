"""How much goes through: single posts and batches at the front, a backlog through all services."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import psutil
from rich.console import Console

from bench.appeals import body, post_batch
from bench.processes import cpu_seconds, sum_by_part
from bench.waiting import drained, wait
from harness import system as systems
from harness.system import System

console = Console(stderr=True)


def load(url: str, seconds: float, connections: int, headers: dict[str, str], count: int) -> dict[str, Any]:
    """One round of the generator with `count` appeals."""
    bodies = [json.dumps(body(number), ensure_ascii=False) for number in range(count)]
    return load_bodies(url, seconds, connections, headers, bodies)


def load_bodies(
    url: str, seconds: float, connections: int, headers: dict[str, str], bodies: list[str]
) -> dict[str, Any]:
    """One round of the generator in a process of its own; it ends early when all bodies have been sent."""
    round_ = {
        "url": url,
        "seconds": seconds,
        "connections": connections,
        "headers": headers,
        "bodies": bodies,
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(round_),
        capture_output=True,
        text=True,
        check=True,
        cwd=systems.PROJECT,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@contextmanager
def reference() -> Iterator[str]:
    """The bare FastAPI endpoint, running."""
    port = systems.free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.reference", str(port)], cwd=systems.PROJECT)
    url = f"http://127.0.0.1:{port}/api/v1/appeals"
    try:
        wait(lambda: _answers(url), 20)
        yield url
    finally:
        process.terminate()
        process.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx2.post(url, json=body(0)).status_code == 201
    except httpx2.HTTPError:
        return False


def measure_single_posts(system: System, rounds: int, seconds: float) -> dict[str, Any]:
    """Interleaved rounds of single posts: bare FastAPI, then the gateway with every service consuming."""
    rows = []
    portal = system.account("portal")
    with reference() as bare:
        for number in range(rounds):
            console.print(f"  round {number + 1} of {rounds} …")
            base = load(bare, seconds, 32, {}, int(9000 * seconds))
            headers = portal.headers()
            ours = load(f"{system.url}/api/v1/appeals", seconds, 32, headers, int(4000 * seconds))
            if set(ours["statuses"]) != {"201"}:
                raise AssertionError(f"not every post was registered: {ours['statuses']}")
            rows.append({"bare": base["per_second"], "gateway": ours["per_second"], "ms": ours["ms"]})
            drained(system)
    return {
        "bare_per_second": round(statistics.median(row["bare"] for row in rows)),
        "gateway_per_second": round(statistics.median(row["gateway"] for row in rows)),
        "ratio": round(statistics.median(row["gateway"] / row["bare"] for row in rows), 3),
        "gateway_ms": rows[-1]["ms"],
        "rounds": rounds,
        "goal": "ratio >= 0.20",
    }


def bare_rate(seconds: float = 2.0) -> float:
    """Answers a second of the bare endpoint now: machines here are now faster, now slower, and this tells by how much."""
    with reference() as bare:
        return float(load(bare, seconds, 32, {}, int(9000 * seconds))["per_second"])


def measure_batches(system: System, total: int, size: int = 2000) -> dict[str, Any]:
    """How fast batches are accepted, all services consuming meanwhile."""
    bare = bare_rate()
    portal = system.account("portal")
    began = time.perf_counter()
    for _ in range(total // size):
        post_batch(portal, size)
    rate = total / (time.perf_counter() - began)
    drained(system)
    return {
        "accepted_per_second": round(rate),
        "appeals": total,
        "bare_per_second": round(bare),
        "ratio": round(rate / bare, 3),
        "goal": "ratio >= 0.9",
    }


@contextmanager
def held(system: System, parts: Iterable[str]) -> Iterator[None]:
    """These parts stand still, and before them whoever would end a part that stands still and start it again."""
    processes = [psutil.Process(system.process.pid), *map(system.process_of, parts)]
    for process in processes:
        process.suspend()
    try:
        yield
    finally:
        for process in reversed(processes):
            process.resume()


def measure_drain(system: System, total: int) -> dict[str, Any]:
    """Routing, sla and analytics are held while a backlog builds up; then the time until all have it."""
    bare_before = bare_rate()
    with held(system, ("routing", "sla", "analytics")):
        portal = system.account("portal")
        for _ in range(total // 2000):
            post_batch(portal, 2000)
        admin = system.account("admin")

        def all_masked() -> bool:
            counts = admin.get("/api/v1/operations/intake/counts").json()["counts"]
            return bool(counts["unmasked"] == 0)

        wait(all_masked, 120)
        before = sum_by_part(system, cpu_seconds)
        began = time.perf_counter()
    drained(system)
    took = time.perf_counter() - began
    used = sum_by_part(system, cpu_seconds)
    bare = (bare_before + bare_rate()) / 2
    return {
        "appeals_per_second": round(total / took),
        "appeals": total,
        "seconds": round(took, 1),
        "bare_per_second": round(bare),
        "ratio": round(total / took / bare, 3),
        "cpu_ms_per_appeal": {
            part: round((used[part] - before.get(part, 0)) * 1000 / total, 2) for part in sorted(used)
        },
        "goal": "ratio >= 0.12",
    }
