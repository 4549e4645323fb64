"""How many rows to expect on the days to come: by type, by type and place, in all, by place, and how sure that is.

A method is chosen by how it did on the training days. The last third of the days tests it, each day predicted from what
was known `horizon` days before. Places get their share of their type and all is the sum of the types, so that levels add up.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np

from signals.arrays import Flags, Floats
from signals.cases import Cases
from signals.day_classes import Calendar, calendar_of
from signals.intervals import interval, standardised
from signals.levels import Level, levels_of
from signals.predictors import PREDICTORS, past_of
from signals.series import series_of
from signals.values import Accuracy, DayForecast, Method

LEAST_ROWS: Final = 300  # rows of the file a type has to have to be judged
FIRST_KNOWN: Final = 14  # days that have to be known before anything is predicted
TRAINED_ON: Final = 120  # days before the test that methods are compared on
# Methods aim at the middle of the days, and rows come in heaps: what they are multiplied with is chosen by past errors.
FACTORS: Final = np.arange(0.7, 1.16, 0.025)
FACTOR_DAYS: Final = 60
SIMPLE: Final[Set[Method]] = {"seasonal_naive", "calendar_median"}


@dataclass(frozen=True, slots=True)
class Forecasts:
    """`tested`: days of the test by judged type; `by_place`: the same by type and place ("" where no place is known);
    `outlook`: the days after the last one, of types, types in places and all; `of_places`: the same of places."""

    accuracy: Accuracy
    tested: tuple[DayForecast, ...]
    by_place: tuple[DayForecast, ...]
    outlook: tuple[DayForecast, ...]
    of_places: tuple[DayForecast, ...]


@dataclass(frozen=True, slots=True)
class _Backtest:
    """Predictions of days `first` and on by type, days after the last known one included; `test` is the first day of the test."""

    counts: Floats
    judged: Flags
    scale: Floats
    first: int
    test: int
    horizon: int
    predicted: Mapping[Method, Floats]

    def errors(self, method: Method, first: int, last: int) -> Floats:
        """Scaled absolute errors of judged types, by type and day from `first` to before `last`."""
        days = slice(first - self.first, last - self.first)
        wrong = np.abs(self.predicted[method][self.judged, days] - self.counts[self.judged, first:last])
        return np.asarray(wrong / self.scale[self.judged, None])

    @property
    def last(self) -> int:
        """The day after the last known one."""
        return int(self.counts.shape[1])


def forecast(cases: Cases, holidays: Set[date], horizon: int) -> Forecasts | None:
    """Of a register. None where it has too few days, or no type has rows enough to be judged."""
    series = series_of(cases, np.ones(len(cases.day), dtype=np.bool_))
    counts = series.counts[: series.types]
    first, test = FIRST_KNOWN + horizon - 1, cases.days - cases.days // 3
    judged = counts.sum(axis=1) >= LEAST_ROWS
    if test <= first + 7 or not judged.any():
        return None
    calendar = calendar_of(cases.first_day, cases.days + horizon, holidays)
    run = _run(counts, judged, calendar, max(first, test - TRAINED_ON), test, horizon)
    method = min(run.predicted, key=lambda each: float(run.errors(each, run.first, run.test).mean()))
    predicted = run.predicted[method]
    levels = levels_of(cases, predicted, run.first, horizon)
    bounds = [_bounds(level, run) for level in levels]
    tables = [_Table(cases, level, *bound, run.first) for level, bound in zip(levels, bounds, strict=True)]
    tested = tables[0].days(range(test, cases.days), judged)
    coming = range(cases.days, cases.days + horizon)
    return Forecasts(
        _accuracy(run, method, tested),
        tested,
        tables[1].days(range(test, cases.days), np.repeat(judged, len(cases.places) + 1)),
        tuple(each for table in tables[:3] for each in table.days(coming)),
        tables[3].days(coming),
    )


def _run(counts: Floats, judged: Flags, calendar: Calendar, first: int, test: int, horizon: int) -> _Backtest:
    """All methods on all days from the first."""
    days = range(first, counts.shape[1] + horizon)
    # A day to come is predicted from the last known one, which may be nearer than the horizon.
    pasts = [past_of(counts, calendar, day, max(horizon, day - counts.shape[1] + 1)) for day in days]
    predicted = {
        name: np.stack([method(past) for past in pasts], axis=1) for name, method in PREDICTORS.items()
    }
    scale = np.maximum(np.abs(counts[:, 7:test] - counts[:, : test - 7]).mean(axis=1), 1e-9)
    run = _Backtest(counts, judged, scale, first, test, horizon, predicted)
    return _Backtest(
        counts, judged, scale, first, test, horizon, {name: _trimmed(run, name) for name in predicted}
    )


def _trimmed(run: _Backtest, method: Method) -> Floats:
    """Predictions times the factor that was best on the days known; simple methods stay as they are."""
    predicted = run.predicted[method]
    if method in SIMPLE:
        return predicted
    counts = run.counts[run.judged, run.first :]
    known = predicted[run.judged, : counts.shape[1]]
    wrong = np.abs(FACTORS[:, None, None] * known - counts) / run.scale[run.judged, None]
    by_day = wrong.mean(axis=1)
    factors = [_best_factor(by_day, day - run.horizon + 1) for day in range(predicted.shape[1])]
    return np.asarray(predicted * np.array(factors))


def _best_factor(errors: Floats, known: int) -> float:
    """By factor and day, of the first so many days; 1 before there are any."""
    last = min(known, errors.shape[1])
    if last < 1:
        return 1.0
    return float(FACTORS[np.argmin(errors[:, max(0, last - FACTOR_DAYS) : last].sum(axis=1))])


def _bounds(level: Level, run: _Backtest) -> tuple[Floats, Floats]:
    """Intervals by series and day, for days of the test and after; nan before."""
    known = level.observed.shape[1]
    errors = standardised(level.observed, level.predicted[:, :known])
    low = np.full_like(level.predicted, np.nan)
    high = np.full_like(level.predicted, np.nan)
    for day in range(run.test - run.first, level.predicted.shape[1]):
        seen = errors[:, : min(known, day - run.horizon + 1)]
        low[:, day], high[:, day] = interval(seen, level.groups, level.sizes, level.predicted[:, day])
    return low, high


@dataclass(frozen=True, slots=True)
class _Table:
    """A level with its intervals, read by day."""

    cases: Cases
    level: Level
    low: Floats
    high: Floats
    first: int

    def days(self, days: range, chosen: Flags | None = None) -> tuple[DayForecast, ...]:
        """Of all or some series, day by day."""
        rows = range(len(self.level.predicted)) if chosen is None else map(int, np.flatnonzero(chosen))
        series = list(rows)
        return tuple(self._one(day, each) for day in days for each in series)

    def _one(self, day: int, series: int) -> DayForecast:
        at = day - self.first
        known = day < self.cases.days
        kind, place = self.level.names[series]
        return DayForecast(
            self.cases.first_day + timedelta(days=day),
            kind,
            place,
            float(self.level.predicted[series, at]),
            float(self.low[series, at]),
            float(self.high[series, at]),
            int(self.level.observed[series, at]) if known else None,
        )


def _accuracy(run: _Backtest, method: Method, tested: tuple[DayForecast, ...]) -> Accuracy:
    inside = [each.low <= each.observed <= each.high for each in tested if each.observed is not None]
    return Accuracy(
        method,
        float(run.errors(method, run.test, run.last).mean()),
        float(run.errors("seasonal_naive", run.test, run.last).mean()),
        float(run.errors("calendar_median", run.test, run.last).mean()),
        float(np.mean(inside)),
    )
