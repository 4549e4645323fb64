"""Intervals around predictions, from how wrong earlier ones were on days they had not seen.

Split conformal prediction (Vovk, Gammerman and Shafer, 2005) that moves with time: the errors of the last days known, over
the root of what was predicted, because counts scatter so. Errors of a group are few, so that its quantiles are drawn to
those of series of its size.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from signals.arrays import Floats, Ints

MEMORY: Final = 90  # days of errors
ALL_ERRORS: Final = 30.0  # what the errors of all series of a size weigh beside a group's own
LOW, HIGH = 0.05, 0.95
UNKNOWN: Final = 2.5  # roots, on either side, before any error is known


def standardised(observed: Floats, predicted: Floats) -> Floats:
    """Errors over the root of the prediction."""
    return np.asarray((observed - predicted) / np.sqrt(predicted + 1))


def interval(errors: Floats, groups: Ints, sizes: Ints, predicted: Floats) -> tuple[Floats, Floats]:
    """90 % for a day's predictions, whole rows, by series.

    `errors`: standardised, by series and known day. `groups`: which series share their errors, `sizes`: to which series'
    errors theirs are drawn; both 0 and up.
    """
    errors = errors[:, -MEMORY:]
    spread = np.sqrt(predicted + 1)
    bounds = [_quantiles(errors, groups, sizes, level) for level in (LOW, HIGH)]
    low, high = (predicted + bound * spread for bound in bounds)
    return np.maximum(np.floor(low + 0.5), 0), np.maximum(np.floor(high + 0.5), 0)


def _quantiles(errors: Floats, groups: Ints, sizes: Ints, level: float) -> Floats:
    """By series; the quantile of a finite sample lies a little further out than the level."""
    if not errors.shape[1]:
        return np.full(len(errors), UNKNOWN * np.sign(level - 0.5))
    result = np.zeros(len(errors))
    for size in np.unique(sizes):
        alike = sizes == size
        common = _quantile(errors[alike], level)
        for group in np.unique(groups[alike]):
            own = alike & (groups == group)
            number = own.sum() * errors.shape[1]
            result[own] = (number * _quantile(errors[own], level) + ALL_ERRORS * common) / (
                number + ALL_ERRORS
            )
    return result


def _quantile(errors: Floats, level: float) -> float:
    outer = level + np.sign(level - 0.5) / (errors.size + 1)
    return float(np.quantile(errors, np.clip(outer, 0, 1)))
