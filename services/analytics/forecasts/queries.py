"""Forecasts as they are asked for, and what became of earlier ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from services.analytics.forecasts.rules.scores import PastForecast
from services.analytics.forecasts.rules.warnings import deserves_warning
from services.analytics.forecasts.schemas import ForecastAnswer, ForecastItem, ForecastScore
from services.analytics.statistics.queries import TROUBLE
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import EVERYTHING, Filter, Scope
from services.analytics.store.rules.periods import Period, today_in
from services.analytics.store.rules.questions import Question
from services.analytics.tables.forecasts import Forecast, ForecastAccuracy, ForecastLevel

KEPT: Final = timedelta(days=60)
_DAY: Final = timedelta(days=1)
_WEEK: Final = timedelta(days=7)
# The newest of each region, with its levels of the days asked for.
_READ: Final = """
SELECT f.* FROM analytics.forecast AS f
JOIN (SELECT region, max(made_on) AS made_on FROM analytics.forecast WHERE level = 'region' OR level = 'municipality'
    GROUP BY region) AS newest USING (region, made_on)
WHERE f.region = ANY(:regions::text[]) AND f.level = ANY(:levels::text[])
    AND (CAST(:topic AS text) IS NULL OR f.topic IN (:topic, ''))
    AND (CAST(:municipality AS text) IS NULL OR f.municipality IN (:municipality, ''))
    AND (CAST(:within AS text[]) IS NULL OR (f.municipality <> '' AND f.municipality ^@ ANY(:within::text[])))
ORDER BY f.region, f.level, f.topic, f.municipality
"""
_ACCURACY: Final = "SELECT * FROM analytics.forecast_accuracy WHERE region = :region"
_PAST: Final = """
SELECT topic, made_on, predicted, low, high FROM analytics.forecast
WHERE region = :region AND level = 'topic' AND made_on >= :since
"""


@dataclass(frozen=True, slots=True)
class ForecastQuestion:
    """What is asked for: of one region, or (None) of all within the scope as a whole."""

    region: str | None
    regions: list[str]
    scope: Scope
    horizon: int
    topic: str | None
    municipality: str | None

    @property
    def levels(self) -> list[ForecastLevel]:
        """The wide ones, and as much of the narrow ones as is named."""
        if self.region is None:
            return ["region"]
        if self.topic is not None:
            return ["topic_municipality"] if self.municipality else ["topic", "topic_municipality"]
        return (
            ["municipality", "topic_municipality"]
            if self.municipality
            else ["region", "topic", "municipality"]
        )


async def read_forecasts(session: AsyncSession, asked: ForecastQuestion, now: datetime) -> ForecastAnswer:
    """The newest within reach, from the day of each region's clock on: until the night's look they begin with yesterday."""
    within = asked.scope.municipalities
    found = await rows(
        session,
        Forecast,
        _READ,
        regions=asked.regions,
        levels=asked.levels,
        topic=asked.topic,
        municipality=asked.municipality,
        within=None if within is None else list(within),
    )
    accuracy = None
    if asked.region is not None:
        accuracy = await row(session, ForecastAccuracy, _ACCURACY, region=asked.region)
    return ForecastAnswer(
        items=[item for each in found for item in _items(each, today_in(each.region, now), asked.horizon)],
        accuracy=None if accuracy is None else ForecastScore.model_validate(accuracy, from_attributes=True),
        made_on=max((each.made_on for each in found), default=None),
    )


def _items(series: Forecast, today: date, horizon: int) -> Iterator[ForecastItem]:
    days = zip(series.predicted, series.low, series.high, series.usual, strict=True)
    first = max((today - series.made_on).days, 0)
    for at, (predicted, low, high, usual) in enumerate(days):
        if first <= at < first + horizon:
            yield ForecastItem(
                region=series.region,
                level=series.level,
                topic=series.topic or None,
                municipality=series.municipality or None,
                day=series.made_on + at * _DAY,
                predicted=round(predicted, 3),
                low=low,
                high=high,
                usual=round(usual, 3),
                warning=deserves_warning(predicted, low, usual),
            )


async def find_past(session: AsyncSession, region: str, since: date) -> list[PastForecast]:
    """What was predicted of topics on earlier nights."""
    return await rows(session, PastForecast, _PAST, region=region, since=since)


@dataclass(frozen=True, slots=True)
class _TopicDay:
    topic: str
    day: date
    number: int


async def count_topic_days(
    store: FigureStore, region: str, since: date, end: date
) -> Mapping[tuple[str, date], int]:
    """Appeals as forecasts count them, by topic and day, from a week before a day on."""
    question = Question(
        Filter(region, EVERYTHING, Period(since - _WEEK, end)),
        "appeal",
        {"topic": "topic", "day": "CAST(received_local AS date)", "number": "count(*)"},
        groups=2,
        narrowed=TROUBLE,
    )
    return {(each.topic, each.day): each.number for each in await store.ask(_TopicDay, question)}
