"""How probable so many rows are by chance."""

from __future__ import annotations

import numpy as np

from signals.arrays import Floats


def upper_tail(observed: Floats, expected: Floats, variance: Floats) -> Floats:
    """P(X ≥ observed) for a negative binomial X with this mean and variance; Poisson where the variance is no larger.

    With `r = m² / (v - m)` and `p = m / v` it is the regularised incomplete beta function I(1 - p; observed, r)
    (Johnson, Kemp and Kotz, Univariate Discrete Distributions, 2005, 5.6).
    """
    from scipy.special import betainc

    variance = np.maximum(variance, expected * (1 + 1e-6) + 1e-12)
    size = expected**2 / (variance - expected)
    tail = betainc(np.maximum(observed, 0.5), size, 1 - expected / variance)
    return np.where(observed < 1, 1.0, tail)
