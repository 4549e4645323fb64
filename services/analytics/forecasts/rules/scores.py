"""How good forecasts were on the days that came since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

AHEAD: Final = 7  # days that are judged of each forecast
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class PastForecast:
    """Of a topic, a day each from `made_on` on."""

    topic: str
    made_on: date
    predicted: list[float]
    low: list[float]
    high: list[float]


@dataclass(frozen=True, slots=True)
class Score:
    """`days`: how many of topics were judged. `scaled_error`: mean absolute error over the mean absolute weekly difference of
    the same days (Hyndman and Koehler, 2006)."""

    days: int
    coverage_90: float | None
    scaled_error: float | None


def score(
    forecasts: Iterable[PastForecast], observed: Mapping[tuple[str, date], int], known_until: date
) -> Score:
    """`observed`: appeals by topic and day, 0 where there are none; days up to `known_until` have come."""
    days = inside = 0
    error = difference = 0.0
    for each in forecasts:
        ahead = min(AHEAD, (known_until - each.made_on).days + 1, len(each.predicted))
        for at in range(max(ahead, 0)):
            day = each.made_on + at * _DAY
            came = observed.get((each.topic, day), 0)
            days += 1
            inside += each.low[at] <= came <= each.high[at]
            error += abs(each.predicted[at] - came)
            difference += abs(came - observed.get((each.topic, day - _WEEK), 0))
    if not days:
        return Score(0, None, None)
    return Score(days, inside / days, error / difference if difference else None)
