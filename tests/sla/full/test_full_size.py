"""The proofs of the deadline engine at full size; each tells its figures (`make prove`)."""

from __future__ import annotations

import asyncio
import os
import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from services.sla.clocks.queries.deadlines import Filter, list_deadlines
from services.sla.escalation.actions.timers import CLAIM, find_next_firing, fire_due_timers
from tests.sla.events import Appeal, days, deliver, fire, in_batches, now, rows
from tests.sla.figures import tell
from tests.sla.fleet import Workers, assert_once, make_fleet, read_firings, wait_for_firings
from tests.sla.races import check_race, prepare_race, run_race

pytestmark = pytest.mark.full
SessionsOf = Callable[[str], Any]
COUNT = 10_000
FAKETIME = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)


async def _timed(work: Callable[[], Any], times: int) -> list[float]:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        found.append((time.perf_counter() - began) * 1000)
    return found


async def test_a_million_running_clocks(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    for _ in range(10):
        await make_fleet(sla, 100_000, "now() + interval '1 h' + n * interval '300 s'")
    async with sessions("sla_owner").begin() as session:
        await session.execute(text("ANALYZE sla.timer, sla.clock"))

    async def scan() -> None:
        async with sla.begin() as session:
            assert await fire_due_timers(session, 500) == 0

    async def look() -> None:
        async with sla() as session:
            assert await find_next_firing(session)

    async def page() -> None:
        async with sla() as session:
            items, _ = await list_deadlines(session, Filter(regions=["46"], state="running"), 100)
            assert len(items) == 100

    scans, looks, pages = await _timed(scan, 200), await _timed(look, 200), await _timed(page, 30)
    batches, appeals = [], 0
    for _ in range(10):
        group = [Appeal() for _ in range(200)]
        events = [event for appeal in group for event in (appeal.registered(), appeal.created())]
        began = time.perf_counter()
        await deliver(sla, *events)
        batches.append((time.perf_counter() - began) * 1000)
        appeals += len(group)
    (clocks,) = await rows(sla, "SELECT count(*) AS n FROM sla.clock WHERE state = 'running'")
    async with sla.begin() as session:
        plan = "\n".join(await session.scalars(text(f"EXPLAIN {CLAIM}".replace(":limit", "500"))))
    assert "Seq Scan" not in plan
    per_clock = sum(batches) / (appeals * 3)
    tell(
        "a million running clocks", running=clocks["n"], due_scan_ms_p50=round(statistics.median(scans), 2),
        due_scan_ms_p99=round(sorted(scans)[-2], 2), next_ms_p50=round(statistics.median(looks), 2),
        list_page_ms_p50=round(statistics.median(pages), 2), set_ms_per_clock=round(per_clock, 3),
        set_ms_per_event=round(sum(batches) / (appeals * 2), 3), plan=plan.splitlines()[-1].strip(),
    )  # fmt: skip
    assert clocks["n"] >= 1_000_000
    assert statistics.median(scans) < 20
    assert per_clock < 1


async def test_ten_thousand_timers_under_kill_9(sessions: SessionsOf, database: Any) -> None:
    sla = sessions("sla")
    workers = Workers(database.url("sla"), 2)
    try:
        await make_fleet(sla, COUNT, f"now() + interval '2 s' + n * interval '{20_000 / COUNT} ms'")
        await workers.kill_until(23, 0.15, 0.5)
        await wait_for_firings(sla, COUNT, 60)
    finally:
        workers.stop()
    found = await read_firings(sla)
    tell("10,000 timers, 2 workers, kill -9", kills=workers.kills, **found)
    assert_once(found, COUNT)
    assert found["late_ms_p50_p99_max"][1] <= 250


async def test_ten_thousand_due_together(sessions: SessionsOf, database: Any) -> None:
    sla = sessions("sla")
    workers = Workers(database.url("sla"), 2)
    try:
        await asyncio.sleep(1)
        await make_fleet(sla, COUNT, "date_trunc('second', now()) + interval '3 s'")
        await wait_for_firings(sla, COUNT, 60)
    finally:
        workers.stop()
    found = await read_firings(sla)
    tell("10,000 due together, 2 workers", **found)
    assert_once(found, COUNT)
    assert found["late_ms_p50_p99_max"][2] <= 2000


async def test_a_day_without_anybody(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    await make_fleet(sla, COUNT, f"now() - interval '24 h' + n * interval '{86_000 / COUNT} s'")
    began = time.monotonic()
    await fire(sla)
    took = time.monotonic() - began
    found = await read_firings(sla)
    tell(
        "24 h outage, 10,000 timers, 1 worker",
        seconds=round(took, 2),
        fired=found["fired"],
        distinct=found["distinct"],
    )
    assert_once(found, COUNT)
    assert await fire(sla) == 0
    (order,) = await rows(
        sla,
        "SELECT count(*) AS n FROM (SELECT due_for_firing_at, lag(fired_at) OVER (ORDER BY due_for_firing_at) AS before, "
        "fired_at FROM sla.firing WHERE kind = 'breach') AS f WHERE before > fired_at",
    )
    assert order["n"] == 0, "oldest first"


@pytest.mark.skipif(FAKETIME is None, reason="libfaketime is not installed")
@pytest.mark.parametrize("shift", ["+1h", "-1h"])
async def test_the_hosts_clock_does_not_matter(sessions: SessionsOf, database: Any, shift: str) -> None:
    sla = sessions("sla")
    workers = Workers(
        database.url("sla"), 2, {"LD_PRELOAD": str(FAKETIME), "FAKETIME": shift, "DONT_FAKE_MONOTONIC": "1"}
    )
    try:
        await make_fleet(sla, 2000, "now() + interval '1 s' + n * interval '2 ms'")
        await wait_for_firings(sla, 2000, 60)
    finally:
        workers.stop()
    found = await read_firings(sla)
    tell(f"host clock {shift}", **found)
    assert_once(found, 2000)
    assert found["late_ms_p50_p99_max"][1] <= 250


async def test_ten_thousand_races(sessions: SessionsOf, database: Any) -> None:
    sla = sessions("sla")
    workers = Workers(database.url("sla"), 2)
    for pid in workers.pids:  # the field is prepared while nobody fires
        os.kill(pid, signal.SIGSTOP)
    try:
        answers = await prepare_race(sla, COUNT)
        for pid in workers.pids:
            os.kill(pid, signal.SIGCONT)
        await run_race(sla, answers, 50)
        await fire(sla)
    finally:
        workers.stop()
    found = await check_race(sla, answers)
    tell("10,000 races of answer against breach", **found)
    assert found["withdrawn"] > 0


async def test_cost_of_an_event(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    group = [Appeal(received_at=now() - days(1)) for _ in range(2000)]
    found = {}
    for name, events in (
        ("registered", [appeal.registered() for appeal in group]),
        ("created", [appeal.created() for appeal in group]),
        ("accepted", [appeal.accepted(now()) for appeal in group]),
        ("answered", [appeal.answered(now()) for appeal in group]),
    ):
        wall, own = time.perf_counter(), time.process_time()
        await in_batches(sla, events, 200)
        found[name] = {
            "wall_ms": round((time.perf_counter() - wall) / 2, 3),
            "own_cpu_ms": round((time.process_time() - own) / 2, 3),
        }
    tell("cost of an event in batches of 200", **found)
