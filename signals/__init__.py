"""What daily counts tell: bursts, hot spots, chronic and new problems, forecasts. Pure; numpy alone until it is asked."""

from signals.cases import Case, Cases, cases_of
from signals.finding import Findings, find_problems, follow
from signals.forecasts import Forecasts, forecast
from signals.values import Accuracy, DayForecast, Problem

__all__ = [
    "Accuracy",
    "Case",
    "Cases",
    "DayForecast",
    "Findings",
    "Forecasts",
    "Problem",
    "cases_of",
    "find_problems",
    "follow",
    "forecast",
]
