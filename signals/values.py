"""What statistics find: problems, and forecasts with how good they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

ProblemKind = Literal["burst", "hotspot", "chronic", "new"]
Method = Literal["seasonal_naive", "calendar_median", "smoothing", "analogues", "combination"]

TOGETHER: Final = "all"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is more than it should be.

    `place` is None where it is everywhere, or where no place is known; `lat`, `lon` (degrees) and `radius` (metres) only
    of a hot spot.
    `observed` and `expected` are rows of `days` days up to `detected_on`. `p_value`: how probable at least so many
    are on ordinary days, after all windows that were looked at. `q_value`: the smallest share of false alarms at
    which it would be raised (Benjamini and Hochberg, 1995).
    """

    kind: ProblemKind
    type: str
    place: str | None
    detected_on: date
    days: int
    observed: int
    expected: float
    p_value: float
    q_value: float
    lat: float | None = None
    lon: float | None = None
    radius: float | None = None


@dataclass(frozen=True, slots=True)
class DayForecast:
    """One day of one series. `type` and `place` are None for the sum over all. `low`, `high`: 90 %, whole rows."""

    day: date
    type: str | None
    place: str | None
    predicted: float
    low: float
    high: float
    observed: int | None


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How good forecasts were on days they had not seen.

    `scaled_error`: mean absolute error over the mean absolute weekly difference of the training days, averaged over
    types (Hyndman and Koehler, 2006, with a season of seven days); the same for two simple methods beside it.
    `coverage_90`: share of days inside the interval.
    """

    method: Method
    scaled_error: float
    naive_scaled_error: float
    median_scaled_error: float
    coverage_90: float
