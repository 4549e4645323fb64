"""`otklik bench analytics`: a home is filled, the copy is made, questions are timed, and the home is left to be served."""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chassis.broker import Broker
from infra.local.database import ADMIN, DRIVER
from infra.local.paths import Home
from infra.local.probe import http_get_at
from infra.local.runtime import Runtime
from infra.national.filling import AlreadyFilled, Filled, fill
from infra.national.generating import National
from otklik.cli.failures import Failed
from otklik.demo import Credentials
from otklik.measuring.feeding import Feed, measure_lag
from otklik.measuring.questions import draw
from otklik.measuring.references import measure_parquet, measure_postgres, write_parquet
from otklik.measuring.timing import asking, measure
from otklik_client import AsyncClient
from services.analytics.store.queries.engine import Engine

Results = dict[str, Any]  # the JSON that is printed
Report = Callable[[str, int, int], None]
LoadDemo = Callable[[Runtime], Any]
BUILD_SECONDS = 3600.0
FEED_RATE = 200
GOALS = {
    "alone": {"national_p95_ms": 400, "regional_p95_ms": 80},
    "four_at_once": {"regional_p95_ms": 300},
    "while_fed": {
        "national_p95_ms": 1000,
        "regional_p95_ms": 300,
        "national_lag_seconds": 10,
        "regional_lag_seconds": 5,
    },
    "memory_mb": 600,
    "ready_seconds": 120,
}


@dataclass(frozen=True)
class Measuring:
    """What is measured: a home, how many appeals, the seed, how many questions of each kind, how many probes."""

    home: Path
    port: int
    appeals: int
    seed: int
    questions: int
    references: int
    probes: int


async def run(wanted: Measuring, load_demo: LoadDemo, report: Report) -> Results:
    """All of it. Failed where the home has figures of its own."""
    home = Home.at(wanted.home)
    now = datetime.now(UTC)
    results: Results = {
        "appeals": wanted.appeals,
        "seed": wanted.seed,
        "cores": os.cpu_count(),
        "goals": GOALS,
    }
    filled = await _fill(wanted, now, load_demo, report, results)
    async with _running(wanted, "on") as runtime:
        results["build_seconds"] = await _wait_for_copy(home)
        await _measure(wanted, runtime, now, results)
    began = time.monotonic()
    async with _running(wanted, "on"):
        results["ready_seconds"] = round(time.monotonic() - began, 1)
    copy = max(home.figures.glob("*/*.duckdb"))
    results["bytes_per_appeal"] = {
        "postgres": round(filled.bytes_in_postgres / wanted.appeals, 1),
        "copy": round(copy.stat().st_size / wanted.appeals, 1),
    }
    await _measure_parquet(wanted, copy, now, results)
    return results


@asynccontextmanager
async def _running(wanted: Measuring, copy: str) -> AsyncIterator[Runtime]:
    environment = {**os.environ, "OTKLIK_FIGURES_COPY": copy}
    async with Runtime(wanted.home, wanted.port, environment=environment) as runtime:
        yield runtime


async def _fill(
    wanted: Measuring, now: datetime, load_demo: LoadDemo, report: Report, results: Results
) -> Filled:
    async with _running(wanted, "off") as runtime:
        await load_demo(runtime)
        if runtime.postgres is None:
            raise Failed("This measures an embedded Postgres; unset OTKLIK_DATABASE_URL.")
        national, began = National(wanted.appeals, wanted.seed, now), time.monotonic()
        dsn = _url(runtime, ADMIN)
        try:
            filled = await fill(dsn, national, wanted.appeals, lambda *done: report("Filling", *done))
        except AlreadyFilled:
            raise Failed(f"{wanted.home} has figures already. Choose a new --home.") from None
        finally:
            national.close()
    results["fill_seconds"] = round(time.monotonic() - began, 1)
    return filled


async def _wait_for_copy(home: Home) -> float:
    """Until analytics no longer says that its copy is being made."""
    began = time.monotonic()
    while time.monotonic() - began < BUILD_SECONDS:
        status, body = await http_get_at(home.address("analytics"), "/health/ready")
        if status == 200 and "figures" not in json.loads(body).get("notes", {}):
            return round(time.monotonic() - began, 1)
        await asyncio.sleep(0.2)
    raise Failed("The copy was not made within an hour.")


async def _measure(wanted: Measuring, runtime: Runtime, now: datetime, results: Results) -> None:
    credentials = Credentials.of(json.loads((wanted.home / "credentials.json").read_text())["federal"])
    assert credentials is not None
    day = now.date()
    national = draw(wanted.questions, wanted.seed, day, national=True)
    regional = draw(wanted.questions, wanted.seed, day, national=False)
    async with AsyncClient(runtime.url, credentials.client_id, credentials.client_secret) as client:
        ask = asking(client)
        results["alone"] = {
            "national": await measure(ask, national),
            "regional": await measure(ask, regional),
        }
        results["four_at_once"] = {
            "national": await measure(ask, national, 4),
            "regional": await measure(ask, regional, 4),
        }
        results["while_fed"] = await _measure_fed(wanted, runtime, client, now)
        results["memory_mb"] = _memory_mb(runtime)
    few = [*national[: wanted.references], *regional[: wanted.references]]
    results["references"] = {"postgres": await measure_postgres(_url(runtime, "analytics", DRIVER), few)}


async def _measure_fed(wanted: Measuring, runtime: Runtime, client: AsyncClient, now: datetime) -> Results:
    brokers = await _connect(runtime)
    known = (await client.analytics.summarise()).received
    feed, ask = Feed(brokers, FEED_RATE), asking(client)
    feeding = asyncio.create_task(feed.run())
    try:
        day, seed = now.date(), wanted.seed + 1
        national = await measure(ask, draw(wanted.questions, seed, day, national=True))
        regional = await measure(ask, draw(wanted.questions, seed, day, national=False))
        regional_lag = await measure_lag(client, feed, known, wanted.probes, national=False)
        national_lag = await measure_lag(client, feed, known, wanted.probes, national=True)
    finally:
        feed.stop()
        await feeding
        for broker in brokers.values():
            await broker.close()
    return {
        "appeals_a_second": FEED_RATE,
        "handled": feed.handled,
        "slowest_second": round(max(feed.seconds), 2),
        "national": national,
        "regional": regional,
        "regional_lag_seconds": regional_lag,
        "national_lag_seconds": national_lag,
    }


async def _connect(runtime: Runtime) -> dict[str, Broker]:
    assert runtime.nats is not None
    brokers = {}
    for publisher in ("intake", "routing"):
        brokers[publisher] = Broker(runtime.nats.url(publisher), publisher, f"_INBOX_{publisher}")
        await brokers[publisher].connect()
    return brokers


def _url(runtime: Runtime, role: str, driver: str = "postgresql") -> str:
    assert runtime.postgres is not None
    server, secrets = runtime.postgres.server, runtime.postgres.secrets
    return server.url(role, secrets.database[role], driver=driver)


def _memory_mb(runtime: Runtime) -> int:
    """What the process that answers figures has had at most, resident."""
    family = runtime.parts["analytics"].child.family()
    status = [Path(f"/proc/{process.pid}/status").read_text() for process in family]
    peaks = [
        int(line.split()[1]) for text in status for line in text.splitlines() if line.startswith("VmHWM")
    ]
    return round(sum(peaks) / 1024)


async def _measure_parquet(wanted: Measuring, copy: Path, now: datetime, results: Results) -> None:
    day = now.date()
    few = [
        *draw(wanted.questions, wanted.seed, day, national=True)[: wanted.references],
        *draw(wanted.questions, wanted.seed, day, national=False)[: wanted.references],
    ]
    with tempfile.TemporaryDirectory(dir=copy.parent) as folder:
        engine = Engine(Path(folder), 400)
        try:
            files = await write_parquet(engine, copy, Path(folder))
            results["references"]["parquet"] = await measure_parquet(engine, files, few)
            size = sum(file.stat().st_size for file in files.values())
            results["bytes_per_appeal"]["parquet"] = round(size / wanted.appeals, 1)
        finally:
            engine.close()
