"""Chronic problems: a place that has had too much of a type for weeks, beside what other places of its size have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from signals.arrays import Flags, Floats
from signals.discoveries import Discoveries
from signals.series import Series
from signals.tails import upper_tail

WEEKS: Final = 8
SPAN: Final = 7 * WEEKS
LASTING: Final = 7  # weeks of the eight in which there was more than expected
LEAST_ROWS: Final = 24
LEAST_RATIO: Final = 2.0
FALSE_SHARE, A_WEEK = 0.1, 0.05
# How much places differ in a type anyhow, where too few of them say so (variance of the ratio), and how many say it.
USUAL_SPREAD: Final = 0.1
ENOUGH_PLACES: Final = 5


@dataclass(frozen=True, slots=True)
class Chronic:
    """A series and its last eight weeks."""

    series: int
    observed: float
    expected: float
    p_value: float
    q_value: float


class ChronicPlaces:
    """Looks once a week; what was raised once is not raised again."""

    def __init__(self, series: Series) -> None:
        self._series = series
        self._family = Discoveries(FALSE_SHARE, A_WEEK)
        self._raised = np.zeros(series.types * series.places, dtype=np.bool_)

    def raise_on(self, day: int) -> Iterator[Chronic]:
        """What is new on a day that ends a week."""
        if self._series.places < 2 or day + 1 < SPAN or (day + 1) % 7:
            return
        weeks = self._series.counts[self._series.types :, day + 1 - SPAN : day + 1]
        weeks = weeks.reshape(self._series.types, self._series.places, WEEKS, 7).sum(axis=3)
        observed = weeks.sum(axis=2)
        expected = expected_of_places(observed)
        p_values = upper_tail(
            observed, expected, expected + spread_of_places(observed, expected) * expected**2
        )
        tested = (observed >= LEAST_ROWS) & ~self._raised.reshape(observed.shape)
        limit, q_values = self._family.judge(p_values[tested], p_values.ravel())
        lasting = tested & _lasts(weeks, expected) & (p_values <= limit)
        self._raised |= lasting.ravel()
        for at in np.flatnonzero(lasting):
            each = (at // self._series.places, at % self._series.places)
            yield Chronic(
                int(self._series.types + at),
                float(observed[each]),
                float(expected[each]),
                float(p_values[each]),
                float(q_values[at]),
            )


def expected_of_places(observed: Floats) -> Floats:
    """By type and place: the rate of the type in the other places, for all that a place has of other types."""
    of_type, of_place = observed.sum(axis=1, keepdims=True), observed.sum(axis=0, keepdims=True)
    elsewhere = np.maximum(of_type - observed, 0.5)
    others = of_place - observed
    others_elsewhere = np.maximum(observed.sum() - of_type - others, 1.0)
    return np.asarray(np.maximum(elsewhere * others / others_elsewhere, 0.5))


def spread_of_places(observed: Floats, expected: Floats) -> Floats:
    """By type: how much places differ without being a problem, as a variance of observed over expected.

    From the middle half of the places (a robust deviation), so that the problem itself does not excuse itself.
    """
    ratio = np.log((observed + 0.5) / (expected + 0.5))
    known = np.where(expected >= 3, ratio, np.nan)
    enough = (~np.isnan(known)).sum(axis=1) >= ENOUGH_PLACES
    spread = np.full(len(observed), USUAL_SPREAD)
    if enough.any():
        low, high = np.nanpercentile(known[enough], [25, 75], axis=1)
        spread[enough] = np.maximum(((high - low) / 1.349) ** 2, USUAL_SPREAD)
    return spread[:, None]


def _lasts(weeks: Floats, expected: Floats) -> Flags:
    above = (weeks > expected[..., None] / WEEKS).sum(axis=2)
    ratio = weeks.sum(axis=2) / expected
    return np.asarray((above >= LASTING) & (ratio >= LEAST_RATIO), dtype=np.bool_)
