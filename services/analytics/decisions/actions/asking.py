"""A child process judges: what numpy needs of memory is given back with it."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from typing import Final

from services.analytics.decisions.rules.effects import ANSWER, ASKED, Asked, Found, Reason

MODULE: Final = "services.analytics.decisions.process"
LONGEST_SECONDS: Final = 300.0
LONGEST_ANSWER: Final = 16 * 1024 * 1024
_ONE_THREAD: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_WITHHELD: Final = ("_URL", "_KEY", "_SECRET")


class JudgingFailed(Exception):
    """The child process ended without an answer."""


async def ask(asked: Asked) -> Found | Reason:
    """What statistics say. Raises JudgingFailed when the child ends otherwise or takes too long."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", MODULE, stdin=PIPE, stdout=PIPE, limit=LONGEST_ANSWER, env=_environment()
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            answer, _ = await child.communicate(ASKED.dump_json(asked) + b"\n")
    except (TimeoutError, ConnectionError) as error:
        raise JudgingFailed(type(error).__name__) from error
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
    if child.returncode != 0 or not answer:
        raise JudgingFailed(f"exit code {child.returncode}")
    return ANSWER.validate_json(answer)


def _environment() -> dict[str, str]:
    """Ours without what opens anything: the child needs neither databases nor keys."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not (name.startswith("OTKLIK_") and name.endswith(_WITHHELD))
    }
    return kept | _ONE_THREAD
