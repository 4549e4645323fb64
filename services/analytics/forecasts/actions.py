"""A night's forecasts take the place of the last ones; what came of earlier ones is counted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows, run
from services.analytics.forecasts.queries import KEPT, count_topic_days, find_past
from services.analytics.forecasts.rules.scores import Score, score
from services.analytics.statistics.rules.messages import BackTest, Outlook
from services.analytics.store.queries.stores import FigureStore
from services.analytics.tables.forecasts import Forecast, ForecastAccuracy, forecast, forecast_accuracy

# Of earlier nights what is judged later stays.
_CLEAR: Final = """
DELETE FROM analytics.forecast WHERE region = :region
    AND (made_on >= :made_on OR made_on < :kept OR level NOT IN ('region', 'topic'))
"""
_LATER: Final = "(region) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in ForecastAccuracy.__dataclass_fields__ if name != "region"
)


async def keep_forecasts(
    session: AsyncSession,
    store: FigureStore,
    region: str,
    made_on: date,
    outlooks: Sequence[Outlook],
    tested: BackTest,
) -> None:
    """All of a region in one transaction. `made_on`: the first day that is predicted."""
    came = await _score_past(session, store, region, made_on)
    await run(session, _CLEAR, region=region, made_on=made_on, kept=made_on - KEPT)
    await insert_rows(session, forecast, [_row(region, made_on, each) for each in outlooks])
    accuracy = ForecastAccuracy(
        region=region,
        made_on=made_on,
        method=tested.method,
        scaled_error=tested.scaled_error,
        naive_scaled_error=tested.naive_scaled_error,
        median_scaled_error=tested.median_scaled_error,
        coverage_90=tested.coverage_90,
        came_days=came.days,
        came_coverage_90=came.coverage_90,
        came_scaled_error=came.scaled_error,
    )
    await insert_rows(session, forecast_accuracy, [accuracy], on_conflict=_LATER)


async def _score_past(session: AsyncSession, store: FigureStore, region: str, end: date) -> Score:
    since = end - KEPT
    past = await find_past(session, region, since)
    observed = await count_topic_days(store, region, since, end) if past else {}
    return score(past, observed, end - timedelta(days=1))


def _row(region: str, made_on: date, outlook: Outlook) -> Forecast:
    return Forecast(
        region=region,
        made_on=made_on,
        level=outlook.level,
        topic=outlook.topic,
        municipality=outlook.municipality,
        predicted=outlook.predicted,
        low=outlook.low,
        high=outlook.high,
        usual=outlook.usual,
    )
