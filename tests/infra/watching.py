"""Looking at the embedded runtime from outside: its processes, its database, until something is so."""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from infra.local.embedded import EmbeddedServers
from infra.local.orphans import MARK

PYTHON = sys.executable


def wait_until(condition: Callable[[], bool], seconds: float = 30.0, what: str = "") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            pytest.fail(f"not within {seconds} s: {what or condition}")
        time.sleep(0.02)


def processes_of(home: Path) -> list[psutil.Process]:
    """Everything alive that belongs to a home: by its mark, its command line, or its working folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            traces = [process.environ().get(MARK, ""), process.cwd(), *process.cmdline()]
        except (psutil.Error, OSError):
            continue
        if any(trace == str(home) or trace.startswith(f"{home}/") for trace in traces):
            found.append(process)
    return found


def query(servers: EmbeddedServers, statement: str, role: str = "postgres") -> Any:
    async def ask() -> Any:
        connection = await asyncpg.connect(servers.database_url(role, driver="postgresql"))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())
