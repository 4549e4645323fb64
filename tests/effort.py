"""How long something takes by itself, for tests that a text cannot make it take for ever."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Final

_TRIES: Final = 3


def least_seconds(work: Callable[[], object]) -> float:
    """The shortest of three tries, in processor time of this thread alone: what is loaded at first, a collection of garbage
    among all that other tests have left, and the threads beside it count for nothing."""
    return min(_try(work) for _ in range(_TRIES))


def _try(work: Callable[[], object]) -> float:
    gc.disable()
    began = time.thread_time()
    try:
        work()
        return time.thread_time() - began
    finally:
        gc.enable()
