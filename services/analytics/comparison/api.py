"""Organisations and municipalities beside what was to be expected of them."""

from __future__ import annotations

from chassis.strict_routes import Router
from services.analytics.comparison.queries import define, read_ranking
from services.analytics.comparison.schemas import RankedBy, RankedMeasure, Ranking, RankingRow, RankingRows
from services.analytics.figures.api import AskedFilter, AsOf, KnownUntil, Store
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.schemas import AnswerFormat

router = Router(prefix="/api/v1/analytics", tags=["analytics"])


@router.get("/ranking")
async def rank(
    filters: AskedFilter,
    as_of: AsOf,
    known_until: KnownUntil,
    store: Store,
    by: RankedBy,
    metric: RankedMeasure = "in_time_share",
    form: AnswerFormat = "json",
) -> Ranking | RankingRows:
    """A measure of each organisation or municipality, what was to be expected with its mix of topics and months by the
    region's own figures, and the 95 % control limits of that; `flagged` where it lies beyond them."""
    measure = MEASURES[metric]
    items = await read_ranking(store, filters, measure, by, known_until)
    definition = {metric: define(measure)}
    if form == "rows":
        named = {"metric": metric, "metric_name": measure.name}
        rows = [RankingRow(**item.model_dump(), **named) for item in items]
        return RankingRows(rows=rows, as_of=as_of, definition=definition)
    return Ranking(
        metric=metric,
        by=by,
        minimum_sample=measure.minimum_sample,
        items=items,
        as_of=as_of,
        definition=definition,
    )
