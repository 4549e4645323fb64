"""Whether a count moved by more than chance: of two periods of one length.

Appeals come in heaps, so that their number varies by more than a Poisson number does: the variance is taken `HEAPS` times the
count. `z = (n - m) / sqrt(HEAPS (n + m))` beyond `REACH`, which among some thirty groups one reaches by chance about once in three
reports (normal tails).
"""

from __future__ import annotations

import math
from typing import Final, Literal

HEAPS: Final = 2.0
REACH: Final = 2.58
LEAST: Final = 10  # cases in both periods together
Movement = Literal["up", "down"]


def movement(now: float, before: float) -> Movement | None:
    """None where chance alone may have moved it."""
    together = now + before
    if together < LEAST:
        return None
    z = (now - before) / math.sqrt(HEAPS * together)
    return None if abs(z) <= REACH else "up" if z > 0 else "down"
