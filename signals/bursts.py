"""Bursts: series that have more rows than they expect, each problem raised once and where it is.

A series that was raised stays open while it goes on and for a week after. It is raised again only for what is new:
windows begin after the day it was raised on, and while it is open it has to exceed the rate it was raised with. A type
is raised everywhere when its rows are still too many without those of the places that stand out by themselves; a place
is compared with what its type has elsewhere on the same days, so that it is raised beside its type only for more than
its share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from signals.arrays import Flags, Floats
from signals.discoveries import Discoveries
from signals.scans import WINDOWS, Recent, Scan, is_common, scan
from signals.series import Series

FALSE_SHARE: Final = 0.1
COMMON: Final = 0.4  # rows a day; rarer series are many and say little, so that they are judged apart
A_DAY: Final = {True: 0.1, False: 0.02}  # of common and rare series: a false one a day, at most so probable
OPEN_DAYS: Final = 7
NAMED: Final = 0.25  # of the rise of its type that a place has to have to be raised beside it
FADES: Final = 2.0  # days in which what was raised is expected to halve


@dataclass(frozen=True, slots=True)
class Burst:
    """A series, and its window up to the day on which it was raised."""

    series: int
    days: int
    observed: float
    expected: float
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True)
class _Alarms:
    """What stands out on a day, by series; `limits`: up to which p-value."""

    scan: Scan
    limits: Floats
    q_values: Floats
    alarmed: Flags


class Bursts:
    """Watches all series, day after day."""

    def __init__(self, series: Series) -> None:
        size = len(series.counts)
        self._series = series
        self._families = {common: Discoveries(FALSE_SHARE, a_day) for common, a_day in A_DAY.items()}
        self._watched_from = np.zeros(size, dtype=np.int64)  # the first day that windows may hold
        self._open_until = np.full(size, -1, dtype=np.int64)
        self._seen = np.zeros(size, dtype=np.bool_)  # had a row; others are no tests
        self._rise = np.ones(size)  # observed over expected when it was raised

    def raise_on(self, day: int, recent: Recent) -> Iterator[Burst]:
        """What is new on a day. Days come in order."""
        alarms = self._alarms(day, recent)
        is_open = self._open_until >= day
        self._open_until[alarms.alarmed & is_open] = day + OPEN_DAYS
        grown = self._outgrow(day, recent, alarms, is_open)
        fresh = self._where_it_is(recent, alarms, alarms.alarmed & (~is_open | grown), is_open)
        part = self._part_of_type(fresh, alarms.scan)
        for series in np.flatnonzero(fresh):
            burst = self._open(int(series), day, alarms)
            if not part[series]:
                yield burst

    def _alarms(self, day: int, recent: Recent) -> _Alarms:
        found = scan(recent, np.minimum(day - self._watched_from + 1, WINDOWS))
        common, is_open = is_common(recent, COMMON), self._open_until >= day
        limits, q_values = np.zeros(len(common)), np.ones(len(common))
        self._seen |= recent.counts.any(axis=1)
        for which, family in self._families.items():
            members = common == which
            tested = found.p_values[members & self._seen & ~is_open]
            limits[members], q_values[members] = family.judge(tested, found.p_values[members])
        return _Alarms(found, limits, q_values, found.p_values <= limits)

    def _outgrow(self, day: int, recent: Recent, alarms: _Alarms, is_open: Flags) -> Flags:
        """Open series that exceed the rate they were raised with."""
        grown = np.zeros(len(is_open), dtype=np.bool_)
        chosen = np.flatnonzero(alarms.alarmed & is_open)
        if len(chosen):
            since = day - self._watched_from[chosen] + 1
            rise = np.maximum(self._rise[chosen] * 0.5 ** (since / FADES), 1)
            again = scan(recent.scaled(rise, chosen), np.minimum(since, WINDOWS))
            grown[chosen] = again.p_values <= alarms.limits[chosen]
        return grown

    def _where_it_is(self, recent: Recent, alarms: _Alarms, fresh: Flags, is_open: Flags) -> Flags:
        """Of what is new: types that rise everywhere, places that rise by themselves."""
        local = self._series.local
        standing_out = local & (alarms.alarmed | is_open)
        return fresh & (local | (self._without_places(recent, alarms, standing_out) <= alarms.limits))

    def _part_of_type(self, fresh: Flags, found: Scan) -> Flags:
        """Places whose type is raised everywhere on the same day, and who have too little of its rise to be named."""
        parents, excess = self._series.parents, found.observed - found.expected
        everywhere = (fresh & ~self._series.local)[parents]
        return np.asarray(
            self._series.local & everywhere & (excess < NAMED * excess[parents]), dtype=np.bool_
        )

    def _without_places(self, recent: Recent, alarms: _Alarms, standing_out: Flags) -> Floats:
        """The p-values of types without the excess of places that stand out; 1 for places."""
        counts = recent.counts.copy()
        excess = np.maximum(recent.counts - recent.means, 0) * standing_out[:, None]
        np.subtract.at(counts, self._series.parents[standing_out], excess[standing_out])
        types = np.arange(self._series.types)
        rest = Recent(
            np.floor(counts[types]), recent.means[types], recent.variances[types], recent.support[types]
        )
        p_values = np.ones(len(counts))
        p_values[types] = scan(rest, alarms.scan.days[types]).p_values
        return p_values

    def _open(self, series: int, day: int, alarms: _Alarms) -> Burst:
        found = alarms.scan
        self._rise[series] = found.observed[series] / max(found.expected[series], 0.1)
        self._watched_from[series] = day + 1
        self._open_until[series] = day + OPEN_DAYS
        return Burst(
            series,
            int(found.days[series]),
            float(found.observed[series]),
            float(found.expected[series]),
            float(found.p_values[series]),
            float(alarms.q_values[series]),
        )
