"""Which of many tests are discoveries: the share of false ones is controlled over all tests of a day and of the weeks before it.

Benjamini and Hochberg, Controlling the false discovery rate, 1995. A day judges its own p-values only, but ranks them
among those of the last weeks: days on which nothing happens would otherwise each have a false discovery of their own.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from signals.arrays import Floats

SURE: Final = 0.001  # what a day's own bound may be at most, however few tests there are
WEEKS: Final = 28  # days whose tests are ranked together
KEPT: Final = 0.2  # larger p-values are counted, not kept: no test of theirs is ever a discovery


class Discoveries:
    """Tests of one family, day after day.

    `share`: of false discoveries among all. `a_day`: where nothing has happened for weeks no share could be held; there
    a day may still have a false discovery with this probability (Bonferroni).
    """

    def __init__(self, share: float, a_day: float) -> None:
        self._share, self._a_day = share, a_day
        self._days: deque[tuple[int, Floats]] = deque(maxlen=WEEKS)

    def judge(self, tested: Floats, asked: Floats) -> tuple[float, Floats]:
        """Take a day's tests: the largest p-value that is a discovery and the q-values of those asked."""
        self._days.append((len(tested), tested[tested < KEPT]))
        tests = sum(count for count, _ in self._days)
        ranked = np.sort(np.concatenate([kept for _, kept in self._days]))
        of_the_day = min(self._a_day / max(len(tested), 1), SURE)
        if not len(ranked):
            return of_the_day, np.ones_like(asked)
        adjusted = ranked * tests / np.arange(1, len(ranked) + 1)
        adjusted = np.minimum.accumulate(adjusted[::-1])[::-1]
        found = np.flatnonzero(adjusted <= self._share)
        threshold = max(of_the_day, float(ranked[found[-1]]) if len(found) else 0.0)
        q_values = np.append(adjusted, 1.0)[np.searchsorted(ranked, asked)]
        return threshold, np.minimum(q_values, 1.0)
