"""Ending this process on purpose, so that whoever keeps it running begins anew."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import structlog

GRACE_SECONDS = 15.0  # more than the server gives to requests in flight
EXIT_CODE = 70
log = structlog.get_logger()
_stop_serving: Callable[[], None] | None = None
_ending = threading.Event()


def on_ending(stop_serving: Callable[[], None]) -> None:
    """`stop_serving` lets the server finish what is in flight. Without it (in a test's process) nothing is ended."""
    global _stop_serving
    _stop_serving = stop_serving


def end_process(reason: str) -> None:
    """Stop serving, and end within `GRACE_SECONDS` whatever hangs then. Returns at once; only the first call counts."""
    if _ending.is_set():
        return
    log.error("this process ends, to be started anew", reason=reason)
    if _stop_serving is None:
        return
    _ending.set()
    deadline = threading.Timer(GRACE_SECONDS, os._exit, (EXIT_CODE,))
    deadline.daemon = True
    deadline.start()
    _stop_serving()


def is_ending() -> bool:
    """Whether the process ends on purpose."""
    return _ending.is_set()
