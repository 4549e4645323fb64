"""Who waits how long: the product-limit estimate (Kaplan and Meier 1958) of narrower and narrower groups, each drawn to the wider.

Of `n` who have waited up to a step, `d` are answered in it: the step's hazard is `d / n`. A narrow group has few: its hazard is
`(d + K·h) / (n + K)`, with `h` that of the group around it and K cases of it (the mean of a beta posterior). Who ceases to wait
otherwise, or waits now, leaves after the step. S(t) = Π (1 − h); given that somebody has waited for w, S(t) / S(w).
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

from services.analytics.finish.rules.steps import LONGEST, STEPS, start_of, step_at

DRAWN: Final = 20.0  # cases of the wider group
_LEAST_LEFT: Final = 1e-9


@dataclass(frozen=True, slots=True)
class StepCount:
    """How many were seen last in a step, and how many of them because they were answered."""

    step: int
    ceased: int
    seen: int


@dataclass(frozen=True, slots=True)
class Curve:
    """`log_left`: the logarithm of the share that still waits when a step begins; one more than there are steps."""

    log_left: array[float]

    def share_left(self, seconds: float, waited: float) -> float:
        """The share of those who have waited for so long that still waits then."""
        return math.exp(min(self._log_left(seconds) - self._log_left(waited), 0.0))

    def quantile(self, level: float, waited: float) -> float | None:
        """Seconds from the beginning after which so many of those who have waited so long are answered; None beyond all
        steps."""
        wanted = self._log_left(waited) + math.log(1 - level)
        for step in range(step_at(waited), STEPS):
            if self.log_left[step + 1] <= wanted:
                fall = self.log_left[step] - self.log_left[step + 1]
                part = (self.log_left[step] - wanted) / fall if fall else 0.0
                start, end = start_of(step), start_of(step + 1)
                return max(start + min(max(part, 0.0), 1.0) * (end - start), waited)
        return None

    def _log_left(self, seconds: float) -> float:
        """Within a step it falls evenly."""
        if seconds >= LONGEST:
            return self.log_left[STEPS]
        step = step_at(seconds)
        start, end = start_of(step), start_of(step + 1)
        part = (seconds - start) / (end - start)
        return self.log_left[step] + part * (self.log_left[step + 1] - self.log_left[step])


def curve_of(groups: Sequence[Iterable[StepCount]]) -> Curve:
    """Of the last group, drawn to the one before it, and so on; the widest first."""
    hazards = array("d", bytes(8 * STEPS))
    for place, counts in enumerate(groups):
        hazards = _drawn(_Counts.of(counts), hazards, DRAWN if place else 0.0)
    left = array("d", [0.0])
    for hazard in hazards:
        left.append(left[-1] + math.log(max(1 - hazard, _LEAST_LEFT)))
    return Curve(left)


@dataclass(frozen=True, slots=True)
class _Counts:
    """By step: who ceased in it, and who had waited up to it."""

    ceased: array[float]
    at_risk: array[float]

    @classmethod
    def of(cls, counts: Iterable[StepCount]) -> _Counts:
        ceased, seen = array("d", bytes(8 * STEPS)), array("d", bytes(8 * STEPS))
        for each in counts:
            ceased[each.step] += each.ceased
            seen[each.step] += each.seen
        left = array("d", accumulate(reversed(seen)))
        left.reverse()
        return cls(ceased, left)


def _drawn(counts: _Counts, wider: array[float], drawn: float) -> array[float]:
    """Beyond what anybody has waited nobody is known to be answered, unless the wider group knows."""
    return array(
        "d",
        (
            (ceased + drawn * hazard) / (at_risk + drawn) if at_risk + drawn > 0 else 0.0
            for ceased, at_risk, hazard in zip(counts.ceased, counts.at_risk, wider, strict=True)
        ),
    )
