"""Timers fire once each, whoever fires them and whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from chassis.resources import Sessions
from chassis.wake_ups import WakeUps
from chassis.workers import Worker
from harness.databases import PROJECT
from services.sla.escalation.actions.timers import fire_due_timers
from services.sla.workers import fire_due
from tests.sla.events import Appeal, clocks_of, days, deliver, fire, now, rows, said
from tests.sla.fleet import Workers, assert_once, make_fleet, read_firings, wait_for_firings
from tests.sla.races import check_race, prepare_race, run_race

SessionsOf = Callable[[str], Any]


@asynccontextmanager
async def firing(sessions: Any, replicas: int = 2) -> AsyncIterator[None]:
    """The firing task of some replicas, in this process."""
    worker = Worker[Sessions]("timers", lambda sessions: fire_due(sessions, 500, 0.1))
    tasks = [asyncio.create_task(worker.run(sessions, WakeUps(()))) for _ in range(replicas)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def move_due(sla: Any, appeal: Appeal, clock: str, ago: timedelta) -> None:
    """Pretend that a running clock was due `ago`, as if the database's clock had gone on."""
    async with sla.begin() as session:
        for table, column in (("clock", "sort_at"), ("timer", "fire_at")):
            await session.execute(
                text(
                    f"UPDATE sla.{table} SET due_at = now() - CAST(:ago AS interval), "
                    f"{column} = now() - CAST(:ago AS interval) WHERE appeal_id = :id AND clock = :clock "
                    "AND state IN ('running', 'armed')"
                ),
                {"ago": ago, "id": appeal.id, "clock": clock},
            )


async def test_due_together_all_fire_once_with_two_loops(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    await make_fleet(sla, 1500, "date_trunc('second', now()) - interval '1 s'")
    async with firing(sla):
        took = await wait_for_firings(sla, 1500, 20)
    assert_once(await read_firings(sla), 1500)
    assert took < 10
    (states,) = await rows(sla, "SELECT count(*) AS n FROM sla.clock WHERE state = 'breached'")
    assert states["n"] == 1500


async def test_a_timer_fires_on_time_without_being_polled_for(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    await make_fleet(sla, 200, "now() + interval '0.2 s' - interval '1 s' + n * interval '5 ms'")
    async with firing(sla):
        await wait_for_firings(sla, 200, 20)
    found = await read_firings(sla)
    assert_once(found, 200)
    assert found["late_ms_p50_p99_max"][0] < 250


async def test_killed_workers_lose_and_double_nothing(sessions: SessionsOf, database: Any) -> None:
    sla = sessions("sla")
    workers = Workers(database.url("sla"), 2)
    try:
        await make_fleet(sla, 1000, "now() - interval '0.5 s' + (n % 250) * interval '10 ms'")
        await workers.kill_until(2.5, 0.15, 0.5)
        await wait_for_firings(sla, 1000, 30)
    finally:
        workers.stop()
    assert_once(await read_firings(sla), 1000)
    assert workers.kills >= 4


async def test_after_an_outage_each_rung_fires_once_with_both_times(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(20))
    await deliver(sla, appeal.registered(), appeal.created())
    await fire(sla)
    already = len(await rows(sla, "SELECT 1 FROM sla.firing"))
    await move_due(sla, appeal, "answer", timedelta(hours=24))
    await fire(sla)
    assert await fire(sla) == 0
    fired = await rows(
        sla, "SELECT * FROM sla.firing WHERE clock = 'answer' ORDER BY due_for_firing_at", id=appeal.id
    )
    kinds = [row["kind"] for row in fired]
    assert kinds.count("breach") == 1
    assert len({(row["kind"], row["level"], row["repeat"]) for row in fired}) == len(fired)
    breach = next(row for row in fired if row["kind"] == "breach")
    assert breach["fired_at"] - breach["due_for_firing_at"] > timedelta(hours=23)
    (event,) = [e for e in await said(sla, "deadline.breached", appeal) if e["data"]["clock"] == "answer"]
    assert datetime.fromisoformat(event["data"]["due_at"]) < datetime.fromisoformat(event["data"]["fired_at"])
    assert (await clocks_of(sla, appeal))["one:answer:1"]["state"] == "breached"
    assert already <= len(await rows(sla, "SELECT 1 FROM sla.firing"))


async def test_the_ladder_goes_on_after_the_breach(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(90))
    await deliver(sla, appeal.registered(), appeal.created())
    await fire(sla)
    fired = await rows(sla, "SELECT kind, level, repeat, recipient FROM sla.firing WHERE clock = 'answer'")
    found = {(row["kind"], row["level"], row["repeat"]): row["recipient"] for row in fired}
    assert found[("escalation", 33, 1)] == "superior"
    assert {repeat for kind, level, repeat in found if level == 34} == {1, 2, 3, 4}
    assert found[("escalation", 35, 1)] == "federal"
    assert not any(kind == "reminder" for kind, _, _ in found), "no reminder of what is already over"
    escalated = [event["data"] for event in await said(sla, "deadline.escalated", appeal)]
    assert {event["level"] for event in escalated if event["clock"] == "answer"} == {"32", "33", "34", "35"}
    assert all(event["due_for_firing_at"] < event["fired_at"] for event in escalated)


async def test_a_late_event_of_an_answer_in_time_withdraws_the_breach(sessions: SessionsOf) -> None:
    sla = sessions("sla")
    appeal = Appeal(received_at=now() - days(40))
    await deliver(sla, appeal.registered(), appeal.created())
    await fire(sla)
    assert (await clocks_of(sla, appeal))["one:answer:1"]["state"] == "breached"
    await deliver(sla, appeal.answered(appeal.received_at + days(10)))
    clock = (await clocks_of(sla, appeal))["one:answer:1"]
    assert clock["state"] == "met"
    (breach,) = [
        e["data"] for e in await said(sla, "deadline.breached", appeal) if e["data"]["clock"] == "answer"
    ]
    (correction,) = [
        e["data"] for e in await said(sla, "deadline.corrected", appeal) if e["data"]["clock"] == "answer"
    ]
    assert all(breach[name] == correction[name] for name in ("deadline_id", "clock", "cycle", "version"))
    withdrawn = await rows(
        sla, "SELECT withdrawn_at FROM sla.firing WHERE kind <> 'reminder' AND clock = 'answer'"
    )
    assert all(row["withdrawn_at"] for row in withdrawn)
    assert await fire(sla) == 0, "and nobody is told of it any more"


async def test_answers_race_against_breaches(sessions: SessionsOf) -> None:
    """Deliveries while the timers fire: one outcome each, decided by the true time of the answer."""
    sla = sessions("sla")
    answers = await prepare_race(sla, 120)

    async def fire_small() -> None:
        for _ in range(60):
            async with sla.begin() as session:
                await fire_due_timers(session, 7)

    await asyncio.gather(run_race(sla, answers, 1), fire_small(), fire_small())
    await fire(sla)
    await check_race(sla, answers)


def test_only_the_database_knows_the_time() -> None:
    """Whatever a host's clock shows: outside the edges nobody looks at it."""
    for file in (PROJECT / "services/sla").rglob("*.py"):
        if "/api/" in file.as_posix() or file.name in ("main.py", "api.py"):
            continue
        source = file.read_text()
        assert not re.search(r"\.now\(|utcnow|utc_now|time\.time\(|\.today\(", source), file


async def test_the_due_scan_reads_an_index_at_a_hundred_thousand(sessions: SessionsOf) -> None:
    from services.sla.escalation.actions.timers import CLAIM

    sla = sessions("sla")
    await make_fleet(sla, 100_000, "now() + interval '1 d' + n * interval '1 s'")
    async with sessions("sla_owner").begin() as session:
        await session.execute(text("ANALYZE sla.timer, sla.clock"))
    async with sla.begin() as session:
        began = time.perf_counter()
        assert await fire_due_timers(session, 500) == 0
        took = time.perf_counter() - began
        plan = "\n".join(await session.scalars(text(f"EXPLAIN {CLAIM}".replace(":limit", "500"))))
    assert "timer_fire_at_ix" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan
    assert took < 0.5, took
