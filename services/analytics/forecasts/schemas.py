"""What days to come are expected to bring."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from services.analytics.tables.forecasts import ForecastLevel


class ForecastItem(BaseModel):
    """Appeals expected on a day. `level` says of what: `topic` and `municipality` are null for all, and of the level
    `topic_municipality` for appeals whose municipality is not known. `low` to `high`: nine days of ten. `usual`: the mean of the
    same weekday in the last eight weeks; `warning`: much more than that."""

    region: str
    level: ForecastLevel
    topic: str | None
    municipality: str | None
    day: date
    predicted: float
    low: float
    high: float
    usual: float
    warning: bool


class ForecastScore(BaseModel):
    """How good forecasts are: by days of the past that they had not seen, and (`came_*`, null before any has come) by the days
    that came since."""

    method: str
    scaled_error: float
    naive_scaled_error: float
    median_scaled_error: float
    coverage_90: float
    came_days: int
    came_coverage_90: float | None
    came_scaled_error: float | None


class ForecastAnswer(BaseModel):
    """Days to come, and how far they can be trusted; both empty before the first night with enough appeals. `made_on`: the first
    of the days that were foreseen, of which a young region has seven; those that are past are left out."""

    items: list[ForecastItem]
    accuracy: ForecastScore | None
    made_on: date | None
