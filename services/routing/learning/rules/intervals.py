"""A share that was observed in a sample, and where the true one lies."""

from __future__ import annotations

from math import comb, sqrt
from typing import Final

from pydantic import BaseModel

_Z: Final = 1.959964  # of the standard normal distribution: 95 % lie within


class JudgedPrecision(BaseModel):
    """The share of right decisions in a sample, 0..1, and its 95 % interval (Wilson 1927); null where nothing was judged."""

    precision: float | None
    low: float | None
    high: float | None
    sample: int


class TopicPrecision(JudgedPrecision):
    """The same for the decisions that named one topic."""

    topic: str


def precision_of(right: int, sample: int) -> JudgedPrecision:
    """Of `right` among `sample`. Wilson's interval holds what it promises for small samples and shares near 1 as well."""
    if sample == 0:
        return JudgedPrecision(precision=None, low=None, high=None, sample=0)
    share = right / sample
    weight = _Z * _Z / sample
    middle = (share + weight / 2) / (1 + weight)
    reach = sqrt(share * (1 - share) * weight + weight * weight / 4) / (1 + weight)
    return JudgedPrecision(
        precision=round(share, 4),
        low=round(max(middle - reach, 0.0), 4),
        high=round(min(middle + reach, 1.0), 4),
        sample=sample,
    )


def sign_test(gained: int, lost: int) -> float:
    """How likely at least `gained` of the cases in which two models differ would be, were both as good (one-sided)."""
    differing = gained + lost
    as_good = sum(comb(differing, count) for count in range(gained, differing + 1))
    return as_good / (1 << differing)
