"""Many clocks at once, made by the database itself, and worker processes that fire their timers."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import text

from harness.databases import PROJECT
from harness.waiting import eventually
from tests.sla.events import Sessions, rows

# Running answer clocks of distinct appeals, due as the expression says, whose breach timers are armed.
_IDS = """
CREATE TEMPORARY TABLE fleet ON COMMIT DROP AS
SELECT lpad(to_hex((extract(epoch FROM now()) * 1000)::bigint + n / 1000), 12, '0')::text
       || '7' || substr(md5(random()::text || n), 1, 3) || '8' || substr(md5(n::text || random()), 1, 15) AS hex,
       (ARRAY['46', '59', '77', '14'])[1 + n % 4] AS region, n, CAST({due} AS timestamptz) AS due_at
FROM generate_series(1, :count) AS n
"""
_CLOCKS = """
INSERT INTO sla.clock (region, appeal_id, assignment_id, clock, cycle, organisation_id, lead, started_at, due_at,
    due_on, sort_at, state, policy_version, calendar_version, certain, version, explanation)
SELECT region, hex::uuid, reverse(hex)::uuid, 'answer', 1, md5((n % 500)::text)::uuid, true, due_at - interval '30 d',
    due_at, due_at::date, due_at, 'running', 1, 1, true, 1,
    '[{{"kind": "start", "at": "2026-10-01T09:00:00+03:00"}}, {{"kind": "term", "amount": 30, "unit": "calendar_day"}},
    {{"kind": "result", "due_at": "2026-10-31T23:59:59+03:00"}}]'::jsonb
FROM fleet
"""
_TIMERS = """
INSERT INTO sla.timer (region, appeal_id, assignment_id, clock, cycle, version, state, fire_at, slot, started_at,
    due_at, organisation_id, regime, fired)
SELECT region, hex::uuid, reverse(hex)::uuid, 'answer', 1, 1, 'armed', due_at + interval '1 s', 'breach:20:1',
    due_at - interval '30 d', due_at, md5((n % 500)::text)::uuid, 'message', '{{reminder:11:1,reminder:12:1}}'
FROM fleet
"""


async def make_fleet(sessions: Sessions, count: int, due: str) -> None:
    """`due` is SQL over `n`; whole seconds, as deadlines are, unless a test wants otherwise."""
    async with sessions.begin() as session:
        await session.execute(text("SET LOCAL work_mem = '64MB'"))
        await session.execute(text(_IDS.format(due=due)), {"count": count})
        await session.execute(text(_CLOCKS.format()))
        await session.execute(text(_TIMERS.format()))


async def read_firings(sessions: Sessions, kind: str = "breach") -> dict[str, Any]:
    """How many were said, how many distinct clocks, how late (ms): p50, p99, the latest; how many too early."""
    (row,) = await rows(
        sessions,
        "SELECT count(*) AS fired, count(DISTINCT (appeal_id, assignment_id, clock, cycle)) AS distinct_clocks, "
        "count(*) FILTER (WHERE fired_at < due_for_firing_at) AS early, "
        "percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP "
        "(ORDER BY extract(epoch FROM fired_at - due_for_firing_at) * 1000) AS late "
        "FROM sla.firing WHERE kind = :kind",
        kind=kind,
    )
    (events,) = await rows(
        sessions,
        "SELECT count(*) AS n, count(DISTINCT aggregate_id) AS distinct_ids "
        "FROM sla.outbox WHERE subject = 'sla.deadline.breached.v1'",
    )
    late = [round(value, 1) for value in row["late"]] if row["late"] and row["late"][0] is not None else []
    return {
        "fired": row["fired"],
        "distinct": row["distinct_clocks"],
        "events": events["n"],
        "distinct_events": events["distinct_ids"],
        "early": row["early"],
        "late_ms_p50_p99_max": late,
    }


class Workers:
    """Processes that run the firing task and nothing else, killed without warning and started again."""

    def __init__(self, url: str, count: int, environment: Mapping[str, str] | None = None) -> None:
        self.starter = subprocess.Popen(
            [sys.executable, "-m", "tests.sla.firing_worker"],
            cwd=PROJECT,
            env={**os.environ, "OTKLIK_DATABASE_URL": url, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._read()
        self.pids = [self._start() for _ in range(count)]
        self.kills = 0

    def _read(self) -> str:
        assert self.starter.stdout is not None
        line = self.starter.stdout.readline().strip()
        assert line, "the workers' starter ended"
        return line

    def _start(self) -> int:
        assert self.starter.stdin is not None
        self.starter.stdin.write("one\n")
        self.starter.stdin.flush()
        return int(self._read())

    def kill_one(self) -> None:
        """kill -9 of a random one, and a new one in its place."""
        index = random.randrange(len(self.pids))
        os.kill(self.pids[index], signal.SIGKILL)
        self.pids[index] = self._start()
        self.kills += 1

    async def kill_until(self, seconds: float, shortest: float, longest: float) -> None:
        """A kill every `shortest`…`longest` seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            await asyncio.sleep(random.uniform(shortest, longest))
            self.kill_one()

    def stop(self) -> None:
        """End them."""
        for pid in self.pids:
            os.kill(pid, signal.SIGKILL)
        assert self.starter.stdin is not None
        self.starter.stdin.close()
        self.starter.wait(10)
        assert self.starter.stdout is not None
        self.starter.stdout.close()


async def wait_for_firings(sessions: Sessions, number: int, seconds: float) -> float:
    """Until that many breaches were said; how long it took."""
    began = time.monotonic()

    async def enough() -> bool:
        (row,) = await rows(sessions, "SELECT count(*) AS n FROM sla.firing WHERE kind = 'breach'")
        return bool(row["n"] >= number)

    await eventually(enough, seconds)
    return time.monotonic() - began


def assert_once(found: Mapping[str, Any], number: int) -> None:
    """Every clock once, as a row and as an event, none early."""
    counts = (found["fired"], found["distinct"], found["events"], found["distinct_events"])
    assert counts == (number,) * 4, found
    assert found["early"] == 0
