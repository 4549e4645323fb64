"""Waiting for something to become true, with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from harness import system as systems
from harness.system import System


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
