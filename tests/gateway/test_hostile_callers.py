"""Slow and huge callers cost themselves: the others are served as before, memory stays, nobody is borne for long."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import httpx2
import psutil
import pytest

from contracts.parts import SERVICES
from harness.databases import ENCRYPTION_KEY, PROJECT, Database
from harness.system import free_port
from harness.waiting import eventually
from tests.conftest import FULL, size
from tests.gateway.conftest import ADMIN, Services

MIB = 2**20
# What the server bears of each kind of caller: 10 s of a head, 15 s of a small body, 6 s of one that stands still,
# a second of looking round, two of lingering, and one or two that a busy machine adds.
BORNE_SECONDS = 21.0


@dataclass
class Gate:
    """A gateway process and its port."""

    process: subprocess.Popen[bytes]
    port: int
    client: httpx2.AsyncClient

    def memory(self) -> int:
        return int(psutil.Process(self.process.pid).memory_full_info().uss)


@pytest.fixture
async def gate(database: Database, standing: Services) -> AsyncIterator[Gate]:
    port = free_port()
    environment = {
        **os.environ,
        "OTKLIK_DATABASE_URL": database.url("gateway"),
        "OTKLIK_LISTEN": f"127.0.0.1:{port}",
        "OTKLIK_HASH_KEY": "h",
        "OTKLIK_CURSOR_KEY": "c",
        "OTKLIK_ENCRYPTION_KEY": ENCRYPTION_KEY,
        "OTKLIK_BOOTSTRAP_ADMIN_ID": ADMIN["client_id"],
        "OTKLIK_BOOTSTRAP_ADMIN_SECRET": ADMIN["client_secret"],
        "OTKLIK_OPEN_REQUESTS_PER_MINUTE": "1000000",
        "OTKLIK_CLIENT_REQUESTS_PER_MINUTE": "1000000",
        **{f"OTKLIK_UPSTREAM_{name.upper()}": standing.address(name) for name in SERVICES},
    }
    process = subprocess.Popen([sys.executable, "-m", "gateway.main"], cwd=PROJECT, env=environment)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:

        async def answers() -> bool:
            try:
                return (await client.get("/health/live")).status_code == 200
            except httpx2.TransportError:
                return False

        await eventually(answers)
        yield Gate(process, port, client)
    process.terminate()
    process.wait(timeout=30)


async def p99_of_a_portal(gate: Gate, seconds: float) -> tuple[int, float]:
    """Posts one after the other, 50 a second; how many, and the 99th percentile in milliseconds. All are accepted."""
    form = {"grant_type": "client_credentials", **ADMIN}
    token = (await gate.client.post("/oauth/token", data=form)).json()["access_token"]
    headers, times = {"Authorization": f"Bearer {token}"}, []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.monotonic()
        answer = await gate.client.post("/api/v1/appeals", json={"text": "Яма"}, headers=headers)
        assert answer.status_code == 201, answer.text
        times.append(time.monotonic() - began)
        await asyncio.sleep(max(0.0, 0.02 - times[-1]))
    return len(times), sorted(times)[int(len(times) * 0.99)] * 1000


async def test_a_portal_is_served_beside_hostile_callers(gate: Gate, proof: Callable[..., None]) -> None:
    callers, seconds = size(300, 2000), size(24, 60)
    _, quiet = await p99_of_a_portal(gate, size(3, 20))
    before = gate.memory()
    command = [sys.executable, "-m", "tests.gateway.hostile", str(gate.port), str(callers), str(seconds)]
    largest = before
    beside: list[float] = []
    with subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.PIPE) as hostile:
        while hostile.poll() is None:
            posts, p99 = await p99_of_a_portal(gate, 3)
            assert posts
            beside.append(p99)
            largest = max(largest, gate.memory())
        assert hostile.stdout is not None
        fates: dict[str, dict[str, float]] = json.loads(hostile.stdout.read())
    ratio = sorted(beside)[len(beside) // 2] / quiet
    grown = (largest - before) / MIB
    proof(
        callers=callers,
        p99_ratio=round(ratio, 2),
        p99_ms=round(quiet, 1),
        grown_mib=round(grown, 1),
        fates=fates,
    )
    assert grown <= 64
    assert all(fate["oldest"] <= BORNE_SECONDS for fate in fates.values()), fates
    assert len(fates) >= 9, fates
    if FULL:
        assert ratio <= 2, (quiet, beside)


async def test_everybody_is_gone_when_the_hostile_are(gate: Gate) -> None:
    """Nothing of a caller stays behind in the process: no connection, no task, no upstream."""
    process = psutil.Process(gate.process.pid)
    at_rest = process.num_fds()
    command = [sys.executable, "-m", "tests.gateway.hostile", str(gate.port), "100", "3"]
    done = await asyncio.to_thread(subprocess.run, command, cwd=PROJECT, capture_output=True, check=True)
    assert done.returncode == 0
    # A few connections to services stay open for the next request.
    await eventually(lambda: process.num_fds() <= at_rest + 66)
    assert (await gate.client.get("/health/live")).status_code == 200
