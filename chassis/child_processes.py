"""A child process is asked one thing, answers one line and ends, so that what it needs of memory is given back (ADR 39).

It learns of its surroundings only what it cannot do without, works with one thread and gives way to whoever answers requests.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from typing import Final

LONGEST_ANSWER: Final = 256 * 1024 * 1024  # bytes
NICENESS: Final = 10
# What a child may know of its surroundings: how to find Python and its libraries. Whatever else stands there may open something.
_PASSED_ON: Final = (
    "PATH",
    "PYTHONPATH",
    "PYTHONHOME",
    "VIRTUAL_ENV",
    "LD_LIBRARY_PATH",
    "HOME",
    "TMPDIR",
    "LANG",
)
# One processor, whatever the linear algebra finds.
_ONE_THREAD: Final = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS")}


class ChildFailed(Exception):
    """The child process ended without an answer. `signal`: by which the kernel ended it, 0 where it did not."""

    def __init__(self, reason: str, signal: int = 0) -> None:
        super().__init__(reason)
        self.signal = signal


async def ask_child(module: str, lines: AsyncIterator[bytes], longest_seconds: float) -> bytes:
    """The line that `python -m module` answers to lines on its standard input, which never lie in memory together. Raises
    ChildFailed when it ends otherwise or takes too long."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=PIPE, stdout=PIPE, limit=LONGEST_ANSWER, env=surroundings()
    )
    try:
        async with asyncio.timeout(longest_seconds):
            await _send(child, lines)
            assert child.stdout is not None
            answer = await child.stdout.readline()
            code = await child.wait()
    except (TimeoutError, ConnectionError) as error:
        raise ChildFailed(type(error).__name__) from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if code != 0 or not answer:
        raise ChildFailed(f"exit code {code}", signal=max(0, -code))
    return answer


def give_way() -> None:
    """In the child: answering requests comes first."""
    os.nice(NICENESS)


async def _send(child: Process, lines: AsyncIterator[bytes]) -> None:
    assert child.stdin is not None
    async for line in lines:
        child.stdin.write(line + b"\n")
        await child.stdin.drain()
    child.stdin.close()


def surroundings() -> dict[str, str]:
    """The environment of a child: of ours what it cannot do without."""
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ} | _ONE_THREAD
