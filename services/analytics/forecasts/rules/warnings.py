"""When a day to come should be looked at beforehand."""

from __future__ import annotations

from typing import Final

MORE: Final = 1.5  # times what is usual
LEAST: Final = 3.0  # appeals; half as many again of one or two is nothing


def deserves_warning(predicted: float, low: float, usual: float) -> bool:
    """More than usual even at the low end, or half as much again."""
    return predicted >= LEAST and (low > usual or predicted > MORE * usual)
