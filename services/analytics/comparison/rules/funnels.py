"""Control limits of a funnel plot, with room for what organisations differ in beside chance.

The limits are of 95 %, ± 1.96 standard deviations about the expectation, widened by √φ where groups in all differ by more than
chance: multiplicative over-dispersion, estimated from z-scores whose outermost tenth on each side is drawn in, so that the groups
one looks for do not hide themselves (Spiegelhalter 2005, Statistics in Medicine 24:1185 and Quality and Safety in Health Care
14:347). φ is scaled to be 1 on average where there is chance alone, and never below 1. Sums of cases are whole: half a case is given
to chance (continuity correction).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final, Literal

from services.analytics.figures.rules.measures.measure import Comparison, Measure

REACH: Final = NormalDist().inv_cdf(0.975)
DRAWN_IN: Final = 0.1
_NORMAL: Final = NormalDist()
_LEAST_VARIANCE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Observed:
    """Cases of a group, the sum of their scores, what was to be expected of it and its variance by chance alone."""

    key: str | None
    size: float = 0.0
    total: float = 0.0
    expected: float = 0.0
    variance: float = 0.0

    def __add__(self, other: Observed) -> Observed:
        """The cases of both, which share no cell."""
        return Observed(
            self.key,
            self.size + other.size,
            self.total + other.total,
            self.expected + other.expected,
            self.variance + other.variance,
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """In the measure's own unit: expectation and 95 % control limits, null where nothing compares; `z` grows as things get
    worse, and `p_value` is how probable so much is among groups that differ as they do."""

    expected: float | None = None
    low: float | None = None
    high: float | None = None
    flagged: Literal["better", "worse"] | None = None
    z: float = 0.0
    p_value: float = 1.0


def judge(
    measure: Measure, comparison: Comparison, groups: Sequence[Observed], values: Mapping[str | None, float]
) -> dict[str | None, Judged]:
    """Every group that has a value. `values`: the measure's own, of groups with enough cases."""
    compared = [each for each in groups if each.key in values and each.variance > _LEAST_VARIANCE]
    spread = math.sqrt(over_dispersion([_z(each) for each in compared]))
    judged = {key: Judged() for key in values}
    for each in compared:
        judged[each.key] = _judge(measure, comparison, each, values[each.key], spread)
    return judged


def over_dispersion(scores: Sequence[float]) -> float:
    """φ of the z-scores of groups."""
    drawn = max(1, math.ceil(DRAWN_IN * len(scores)))
    if len(scores) <= 2 * drawn:
        return 1.0
    ordered = sorted(scores)
    least, most = ordered[drawn], ordered[-drawn - 1]
    mean_square = sum(min(max(score, least), most) ** 2 for score in ordered) / len(ordered)
    return max(1.0, mean_square / _mean_square_by_chance(drawn / len(ordered)))


def _mean_square_by_chance(tail: float) -> float:
    """Of normal z-scores whose outermost `tail` on each side is drawn in."""
    edge = _NORMAL.inv_cdf(1 - tail)
    return 1 - 2 * tail - 2 * edge * _NORMAL.pdf(edge) + 2 * tail * edge * edge


def _z(group: Observed) -> float:
    return (group.total - group.expected) / math.sqrt(group.variance)


def _judge(measure: Measure, comparison: Comparison, group: Observed, value: float, spread: float) -> Judged:
    whole = measure.unit in ("count", "share")
    reach = REACH * spread * math.sqrt(group.variance) + (0.5 if whole else 0.0)
    beyond = group.total - group.expected
    flagged: Literal["better", "worse"] | None = None
    if abs(beyond) > reach:
        flagged = "better" if (beyond > 0) == (comparison.better == "high") else "worse"
    expected, low, high = (
        _in_unit(measure, comparison, group, value, sum_of_scores)
        for sum_of_scores in (group.expected, group.expected - reach, group.expected + reach)
    )
    z = _z(group) if comparison.better == "low" else -_z(group)
    return Judged(expected, low, high, flagged, z, _NORMAL.cdf(-z / spread))


def _in_unit(
    measure: Measure, comparison: Comparison, group: Observed, value: float, sum_of_scores: float
) -> float:
    """A sum of scores as a value of the measure; no share and no count beyond what is possible."""
    if comparison.scale == "ratio":
        return value * math.exp((sum_of_scores - group.total) / group.size)
    lowest, highest = (1.0, 5.0) if measure.unit == "score" else (0.0, 1.0)
    mean = min(max(sum_of_scores / group.size, lowest), highest)
    return mean * group.size if comparison.scale == "sum" else mean
