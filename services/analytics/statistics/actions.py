"""Statistics, asked of a child process: what it is sent never lies in memory whole."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from typing import Final

from services.analytics.statistics.rules.messages import FOUND, LOOKING, ROWS, CountedRows, Found, Looking

MODULE: Final = "services.analytics.statistics.process"
LONGEST_SECONDS: Final = 900.0
LONGEST_ANSWER: Final = 256 * 1024 * 1024
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_WITHHELD: Final = ("_URL", "_KEY", "_SECRET")


class StatisticsFailed(Exception):
    """The child process ended without an answer."""


async def look_through(looking: Looking, parts: AsyncIterator[CountedRows]) -> Found:
    """What statistics say of the rows. Raises StatisticsFailed when the child ends otherwise or takes too long."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", MODULE, stdin=PIPE, stdout=PIPE, limit=LONGEST_ANSWER, env=_environment()
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            await _send(child, looking, parts)
            assert child.stdout is not None
            answer = await child.stdout.readline()
            code = await child.wait()
    except (TimeoutError, ConnectionError) as error:
        raise StatisticsFailed(type(error).__name__) from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if code != 0 or not answer:
        raise StatisticsFailed(f"exit code {code}")
    return FOUND.validate_json(answer)


async def _send(child: Process, looking: Looking, parts: AsyncIterator[CountedRows]) -> None:
    assert child.stdin is not None
    child.stdin.write(LOOKING.dump_json(looking) + b"\n")
    async for part in parts:
        child.stdin.write(ROWS.dump_json(part) + b"\n")
        await child.stdin.drain()
    child.stdin.close()


def _environment() -> dict[str, str]:
    """Ours without what opens anything: the child needs neither databases nor keys."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not (name.startswith("OTKLIK_") and name.endswith(_WITHHELD))
    }
    return kept | _ONE_THREAD
