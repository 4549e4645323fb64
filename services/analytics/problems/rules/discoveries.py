"""Which of several tests are believed (Benjamini and Hochberg, Controlling the false discovery rate, 1995)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

FALSE_SHARE: Final = 0.1


def q_values(p_values: Sequence[float]) -> list[float]:
    """Of each test: the least share of false discoveries at which it is one."""
    order = sorted(range(len(p_values)), key=lambda place: p_values[place], reverse=True)
    found, least = [1.0] * len(p_values), 1.0
    for rank, place in zip(range(len(order), 0, -1), order, strict=True):
        least = min(least, p_values[place] * len(p_values) / rank)
        found[place] = least
    return found
