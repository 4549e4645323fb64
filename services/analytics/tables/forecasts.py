"""What days to come were expected to bring, and how good that was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from sqlalchemy import ARRAY, REAL, Index

from chassis.tables import Key, define_table
from services.analytics.tables.schema import metadata

ForecastLevel = Literal["region", "topic", "municipality", "topic_municipality"]
DayValues = Annotated[list[float], ARRAY(REAL())]


@dataclass(frozen=True, slots=True)
class Forecast:
    """A series' days from `made_on` on, one value a day. "" stands for all topics or municipalities; of the level
    `topic_municipality`, for a municipality that is not known. Of earlier nights only regions and topics are kept."""

    region: Key[str]
    made_on: Key[date]
    level: Key[ForecastLevel]
    topic: Key[str]
    municipality: Key[str]
    predicted: DayValues
    low: DayValues
    high: DayValues
    usual: DayValues


@dataclass(frozen=True, slots=True)
class ForecastAccuracy:
    """How good a region's forecasts are: on days of the past that they had not seen, and (`came_*`) on the days that came
    since, of topics, up to a week ahead; null before any has come."""

    region: Key[str]
    made_on: date
    method: str
    scaled_error: float
    naive_scaled_error: float
    median_scaled_error: float
    coverage_90: float
    came_days: int
    came_coverage_90: float | None
    came_scaled_error: float | None


forecast = define_table(metadata, "forecast", Forecast, Index(None, "region", "level", "made_on"))
forecast_accuracy = define_table(metadata, "forecast_accuracy", ForecastAccuracy)
