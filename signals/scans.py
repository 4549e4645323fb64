"""The last one to seven days of every series against what was expected of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from signals.arrays import Flags, Floats, Ints
from signals.tails import upper_tail

WINDOWS: Final = 7
# Windows of one to seven days overlap: looking at all of them is like so many independent looks (ADR 34).
LOOKS: Final = 3.0
# A series that expects less a day is taken to expect this: rarer ones cannot be told from one person writing twice.
LEAST_EXPECTED: Final = 0.3
LEAST_ROWS: Final = 8
# Uncertainty of an expectation beside that of its own rows: seasons, weather, campaigns.
LEVEL_ERROR: Final = 0.02


@dataclass(frozen=True, slots=True)
class Recent:
    """Counts, means and variances of the last days, the newest last; all by series and day. `support` by series."""

    counts: Floats
    means: Floats
    variances: Floats
    support: Floats

    def scaled(self, factor: Floats, chosen: Ints) -> Recent:
        """Some of the series, with so many times the expectation."""
        by_day = factor[:, None]
        means = self.means[chosen] * by_day
        variances = self.variances[chosen] * by_day**2
        return Recent(self.counts[chosen], means, np.maximum(variances, means), self.support[chosen])


@dataclass(frozen=True, slots=True)
class Scan:
    """By series: the window in which most is too much, its rows, and how probable that is after all looks."""

    p_values: Floats
    days: Ints
    observed: Floats
    expected: Floats


def scan(recent: Recent, allowed: Ints) -> Scan:
    """Expectation-based scan (Neill, Expectation-based scan statistics, 2009) over windows that end today.

    `allowed`: how many days a series' window may have; 0 for none.
    """
    length = recent.counts.shape[1]
    means = np.maximum(recent.means, LEAST_EXPECTED)
    variances = np.maximum(recent.variances, means)
    size = len(means)
    p_values, days = np.ones(size), np.ones(size, dtype=np.int64)
    observed, expected = recent.counts[:, -1].copy(), recent.means[:, -1].copy()
    for window in range(1, length + 1):
        rows = recent.counts[:, -window:].sum(axis=1)
        tested = (rows >= LEAST_ROWS) & (allowed >= window)
        if not tested.any():
            continue
        p_value = np.ones(size)
        p_value[tested] = window_tail(
            rows[tested], means[tested, -window:], variances[tested, -window:], recent.support[tested]
        )
        better = p_value < p_values
        p_values[better], days[better] = p_value[better], window
        observed[better] = rows[better]
        expected[better] = recent.means[better, -window:].sum(axis=1)
    return Scan(after_looks(p_values), days, observed, expected)


def window_tail(rows: Floats, means: Floats, variances: Floats, support: Floats) -> Floats:
    """Of windows: P(at least so many rows), the uncertainty of the expectation itself included."""
    mean = means.sum(axis=1)
    variance = variances.sum(axis=1) + (LEVEL_ERROR + 1 / support) * mean**2
    return upper_tail(rows, mean, variance)


def after_looks(p_values: Floats) -> Floats:
    """Of the smallest of several overlapping looks (Šidák, 1967)."""
    return np.asarray(-np.expm1(LOOKS * np.log1p(-np.minimum(p_values, 1 - 1e-12))))


def is_common(recent: Recent, least: float) -> Flags:
    """Whether a series expects so many rows a day, over the week."""
    return np.asarray(recent.means.mean(axis=1) >= least, dtype=np.bool_)
