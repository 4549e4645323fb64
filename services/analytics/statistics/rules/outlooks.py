"""What the days to come will bring, at all levels."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import asdict
from datetime import date, timedelta
from typing import Final

import numpy as np

from services.analytics.statistics.rules.messages import BackTest, ForecastLevel, Outlook
from signals import Cases, DayForecast, Forecasts, forecast
from signals.arrays import Floats
from signals.cases import NOWHERE

DAYS: Final = 28
# What is near is predicted from what is known up to a week before, what is far from four weeks before.
HORIZONS: Final = (7, DAYS)
USUAL_WEEKS: Final = 8
DIGITS: Final = 3
_DAY: Final = timedelta(days=1)
Series = tuple[str | None, str | None]


def foresee(cases: Cases, holidays: Set[date], first_to_come: date) -> tuple[list[Outlook], BackTest | None]:
    """Four weeks from a day on; one where the register is younger than some ten. Nothing where it ends before that day, or has
    too few rows."""
    if cases.date_of(cases.days) != first_to_come:
        return [], None
    near, far = (forecast(cases, holidays, horizon) for horizon in HORIZONS)
    if near is None:
        return [], None
    days = _by_series(_days_of(near, far, first_to_come))
    usual = _Usual(cases)
    return [_outlook(series, each, usual.of(series)) for series, each in days.items()], _back_test(near)


def _days_of(near: Forecasts, far: Forecasts | None, first: date) -> Iterator[DayForecast]:
    yield from (*near.outlook, *near.of_places)
    if far is not None:
        later = first + HORIZONS[0] * _DAY
        yield from (each for each in (*far.outlook, *far.of_places) if each.day >= later)


def _by_series(days: Iterable[DayForecast]) -> dict[Series, list[DayForecast]]:
    found: dict[Series, list[DayForecast]] = defaultdict(list)
    for each in days:
        found[each.type, each.place].append(each)
    return found


def _outlook(series: Series, days: list[DayForecast], usual: Floats) -> Outlook:
    kind, place = series
    weekdays = [usual[each.day.weekday()] for each in days]
    return Outlook(
        _level_of(series),
        kind or "",
        place or "",
        [round(each.predicted, DIGITS) for each in days],
        [each.low for each in days],
        [each.high for each in days],
        [round(float(each), DIGITS) for each in weekdays],
    )


def _level_of(series: Series) -> ForecastLevel:
    kind, place = series
    if place is None:
        return "region" if kind is None else "topic"
    return "municipality" if kind is None else "topic_municipality"


def _back_test(near: Forecasts) -> BackTest:
    return BackTest(**asdict(near.accuracy))


class _Usual:
    """Means of each weekday in the last weeks, by type and place (the last place is that of rows without one)."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        weeks = min(USUAL_WEEKS, cases.days // 7)
        first = cases.days - 7 * weeks
        rows = cases.day >= first
        places = len(cases.places) + 1
        place = np.where(cases.place == NOWHERE, places - 1, cases.place)[rows]
        weekday = (cases.day[rows] + cases.first_day.weekday()) % 7
        at = (cases.type[rows] * places + place) * 7 + weekday
        counts = np.bincount(at, minlength=len(cases.types) * places * 7)
        self._means = counts.reshape(len(cases.types), places, 7) / max(weeks, 1)

    def of(self, series: Series) -> Floats:
        """Monday first."""
        kind, place = series
        means = self._means if kind is None else self._means[[self._cases.types.index(kind)]]
        if place is not None:
            at = self._cases.places.index(place) if place else len(self._cases.places)
            means = means[:, [at]]
        return np.asarray(means.sum(axis=(0, 1)))
