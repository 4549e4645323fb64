"""Figures: summary, series, breakdowns and the registry they come from."""

from __future__ import annotations

from chassis.db import Reading
from chassis.strict_routes import Router
from services.analytics.api.scopes import AnyScope, AskedScope, AsOf
from services.analytics.queries.figures import (
    SeriesAsked,
    read_breakdown,
    read_figures,
    read_previous_figures,
    read_series,
)
from services.analytics.rules.frames import Dimension
from services.analytics.rules.measures import MEASURES
from services.analytics.rules.periods import Grain
from services.analytics.schemas import (
    Breakdown,
    Figures,
    MeasureItem,
    MeasureKey,
    Measures,
    Summary,
    Timeseries,
)

router = Router(prefix="/api/v1/analytics", tags=["analytics"])


@router.get("/summary")
async def summarise(scope: AskedScope, as_of: AsOf, session: Reading) -> Summary:
    """All figures of a scope and of the period before."""
    figures = await read_figures(session, scope)
    return Summary(
        **figures.model_dump(),
        region=scope.region,
        start=scope.period.start,
        end=scope.period.end,
        as_of=as_of,
        previous=await read_previous_figures(session, scope),
        definition={key: MEASURES[key].definition for key in Figures.model_fields},
    )


@router.get("/timeseries")
async def show_timeseries(
    scope: AskedScope,
    as_of: AsOf,
    session: Reading,
    metric: MeasureKey = "received",
    grain: Grain = "day",
    group_by: Dimension | None = None,
) -> Timeseries:
    """A measure over time; points cover the whole period. Several regions: each appeal by its own region's clock."""
    measure = MEASURES[metric]
    series = await read_series(session, scope, SeriesAsked(measure, grain, group_by))
    definition = {metric: measure.definition}
    return Timeseries(metric=metric, grain=grain, series=series, as_of=as_of, definition=definition)


@router.get("/breakdown")
async def break_down(
    scope: AskedScope, as_of: AsOf, session: Reading, by: Dimension, metric: MeasureKey = "received"
) -> Breakdown:
    """A measure by groups, with shares and the period before."""
    measure = MEASURES[metric]
    items = await read_breakdown(session, scope, measure, by)
    definition = {metric: measure.definition}
    return Breakdown(metric=metric, by=by, items=items, as_of=as_of, definition=definition)


@router.get("/measures")
async def list_measures(filters: AnyScope, as_of: AsOf) -> Measures:
    """The registry: every figure's one definition, the same whatever it is asked about."""
    items = [
        MeasureItem(key=measure.key, name=measure.name, unit=measure.unit, definition=measure.definition)
        for measure in MEASURES.values()
    ]
    definition = {measure.key: measure.definition for measure in MEASURES.values()}
    return Measures(items=items, as_of=as_of, definition=definition)
