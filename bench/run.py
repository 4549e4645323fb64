"""`make bench`: what the house does on this machine, beside its references, in one run.

Prints a table and, as the last line, JSON. Rates are medians over interleaved rounds; a speed is a ratio to a bare
FastAPI endpoint with the same body model, measured in the same minute by the same generator.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx2
import psutil
from rich.console import Console
from rich.table import Table

from bench.load import Steady, percentiles
from infra.local.credentials import load_or_create_secrets
from infra.local.paths import Home
from tests import system as systems
from tests.system import Account, System

TEXTS = (
    "На улице Карла Маркса у дома {n} огромная яма на проезжей части, машины бьют колёса, просим отремонтировать",
    "Не горит фонарь возле дома {n} по улице Союзной, вечером страшно ходить, дети возвращаются из школы",
    "Во дворе дома {n} по проспекту Победы третий день не вывозят мусор, контейнеры переполнены, запах",
    "В квартирах дома {n} холодные батареи, управляющая компания на звонки не отвечает, замерзаем",
    "Автобус маршрута {n} ходит раз в час, на остановке толпа, на работу не уехать, добавьте транспорт",
)
console = Console(stderr=True)


def body(number: int, region: str = "46") -> dict[str, Any]:
    """An appeal like those that portals send."""
    return {
        "text": TEXTS[number % len(TEXTS)].format(n=number % 200 + 1),
        "region": region,
        "external_id": f"bench-{uuid4()}",
        "channel": "portal",
        "municipality": "38701000",
        "address": f"г. Курск, ул. Ленина, {number % 90 + 1}",
        "applicant": {"name": "Иванова Анна Петровна", "email": "anna@example.ru", "phone": "+79105550000"},
    }


def load(url: str, seconds: float, connections: int, headers: dict[str, str], count: int) -> dict[str, Any]:
    """One round of the generator in a process of its own."""
    round_ = {
        "url": url,
        "seconds": seconds,
        "connections": connections,
        "headers": headers,
        "bodies": [json.dumps(body(number), ensure_ascii=False) for number in range(count)],
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


def wait(check: Callable[[], Any], seconds: float, every: float = 0.05) -> None:
    """Until the check is true."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s")
        time.sleep(every)


def drained(system: System, seconds: float = 600) -> None:
    """Until no event waits anywhere."""
    wait(lambda: systems.drained(system), seconds, every=0.2)


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
        "goal": "ratio >= 0.15, then 0.25",
    }


def post_batch(account: Account, count: int) -> None:
    """One NDJSON batch, all accepted."""
    lines = "\n".join(json.dumps(body(number), ensure_ascii=False) for number in range(count)).encode()
    answer = account.post(
        "/api/v1/appeals/batch", content=lines, headers={"Content-Type": "application/x-ndjson"}, timeout=120
    )
    statuses = {json.loads(line)["status"] for line in answer.text.splitlines()}
    if answer.status_code != 200 or statuses != {201}:
        raise AssertionError(f"{answer.status_code}: {statuses}")


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
        "goal": ">= 2000/s",
    }


def measure_drain(system: System, total: int) -> dict[str, Any]:
    """Routing, sla and analytics are held while a backlog builds up; then the time until all have it."""
    bare_before = bare_rate()
    held = [system.process_of(part) for part in ("routing", "sla", "analytics")]
    for process in held:
        process.suspend()
    try:
        portal = system.account("portal")
        for _ in range(total // 2000):
            post_batch(portal, 2000)
        admin = system.account("admin")

        def all_masked() -> bool:
            counts = admin.get("/api/v1/operations/intake/counts").json()["counts"]
            return bool(counts["unmasked"] == 0)

        wait(all_masked, 120)
    finally:
        before = sum_by_part(system, cpu_seconds)
        began = time.perf_counter()
        for process in held:
            process.resume()
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
        "goal": ">= 500/s",
    }


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
        lines = "\n".join(json.dumps({**body(n), "topic": topic}, ensure_ascii=False) for n in range(2000))
        portal.post(
            "/api/v1/appeals/batch",
            content=lines.encode(),
            headers={"Content-Type": "application/x-ndjson"},
            timeout=120,
        )
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


NAMES = (
    "services.intake.main work",
    "services.intake.main front",
    "services.routing",
    "services.sla",
    "services.analytics",
    "gateway",
    "nats-server",
)


def sum_by_part(system: System, figure: Callable[[psutil.Process], float]) -> dict[str, float]:
    """A figure of every process, added up by part."""
    by_part: dict[str, float] = {}
    for process in (psutil.Process(system.process.pid), *system.descendants()):
        try:
            line, value = " ".join(process.cmdline()), figure(process)
        except psutil.NoSuchProcess:
            continue
        part = next((name for name in NAMES if name in line), "postgres" if "postgres" in line else "up")
        by_part[part] = by_part.get(part, 0) + value
    return by_part


def cpu_seconds(process: psutil.Process) -> float:
    """Processor time used so far."""
    times = process.cpu_times()
    return float(times.user + times.system)


def measure_memory(system: System) -> dict[str, Any]:
    """Proportional set size of every process, MB; shared pages are counted once."""
    by_part = sum_by_part(system, lambda process: process.memory_full_info().pss / 1e6)
    return {
        "mb": {part: round(size) for part, size in sorted(by_part.items())},
        "total_mb": round(sum(by_part.values())),
        "goal": "<= 1000 MB",
    }


def show(results: dict[str, Any]) -> None:
    """A table for people."""
    table = Table(title="Otklik bench")
    for column in ("measurement", "result", "goal"):
        table.add_column(column, overflow="fold")
    for name, result in results.items():
        shown = {key: value for key, value in result.items() if key != "goal"}
        table.add_row(name, json.dumps(shown, ensure_ascii=False), str(result.get("goal", "")))
    console.print(table)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short rounds, to see that it works")
    parser.add_argument(
        "--only", default="", help="comma-separated: posts,batches,drain,latency,claims,memory"
    )
    arguments = parser.parse_args()
    quick = arguments.quick
    measurements: dict[str, Callable[[System], dict[str, Any]]] = {
        "posts": lambda s: measure_single_posts(s, 2 if quick else 5, 2.0 if quick else 4.0),
        "batches": lambda s: measure_batches(s, 4000 if quick else 20000),
        "drain": lambda s: measure_drain(s, 2000 if quick else 10000),
        "latency": lambda s: measure_latency(s, 100, 4 if quick else 20),
        "claims": lambda s: measure_claims(s, 2000 if quick else 10000),
        "memory": measure_memory,
    }
    chosen = arguments.only.split(",") if arguments.only else list(measurements)
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, systems.running(Path(folder)) as system:
        for name in chosen:
            console.print(f"measuring {name} …")
            results[name] = measurements[name](system)
            console.print(f"  {json.dumps(results[name], ensure_ascii=False)}")
    show(results)
    print(json.dumps(results, ensure_ascii=False))


if __name__ == "__main__":
    main()
