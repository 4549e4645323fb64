"""Figures: summary, series, breakdowns and the registry they come from; and what may be asked of them, by whom."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request

from chassis.db import Reading
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import Forbidden, Unprocessable
from chassis.resources import resources_in
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.times import Day
from contracts.territories import REGIONS
from services.analytics.figures.queries import (
    read_breakdown,
    read_figures,
    read_previous_figures,
    read_series,
)
from services.analytics.figures.queries.lines import SeriesQuery
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.schemas import (
    AnswerFormat,
    Breakdown,
    BreakdownRow,
    BreakdownRows,
    Code,
    Figures,
    MeasureItem,
    MeasureKey,
    Measures,
    SeriesRow,
    Summary,
    Timeseries,
    TimeseriesRows,
)
from services.analytics.resources import AnalyticsResources
from services.analytics.store.queries.copies import store_for
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter, Scope
from services.analytics.store.rules.periods import Grain, Period
from services.analytics.store.rules.sources import Dimension

router = Router(prefix="/api/v1/analytics", tags=["analytics"])
Reader = Annotated[Principal, allowed("agency", "coordinator", "analyst", "federal")]


def read_subject(
    principal: Reader,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2}$")] = None,
    municipality: Annotated[str | None, Query(pattern=r"^[0-9]{8}([0-9]{3})?$")] = None,
    organisation: UUID | None = None,
    topic: Code | None = None,
    group: Code | None = None,
    channel: Annotated[str | None, Query(pattern=r"^[a-z0-9_]{1,32}$")] = None,
) -> Filter:
    """What a request asks about, whenever: 403 outside the token's reach, 422 for what makes no sense."""
    _require_known_region(principal, region)
    return Filter(
        region=region,
        scope=scope_of(principal),
        period=Period(),
        municipality=municipality,
        organisation=_organisation_of(principal, organisation),
        topic=topic,
        group=group,
        channel=channel,
    )


Subject = Annotated[Filter, Depends(read_subject)]


def read_filters(
    subject: Subject,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
) -> Filter:
    """The same of a period; 422 for one that is none."""
    if start is not None and end is not None and start >= end:
        raise Unprocessable("`from` must be before `to`.")
    return subject.during(Period(start, end))


def scope_of(principal: Principal) -> Scope:
    """The rows that a token may have counted: the only way from a principal to figures."""
    return Scope(
        regions=None if principal.is_everywhere else tuple(principal.regions_within()),
        municipalities=None if principal.municipalities is None else tuple(principal.municipality_prefixes),
        organisation=principal.organisation if principal.role == "agency" else None,
    )


def _require_known_region(principal: Principal, region: str | None) -> None:
    if region is not None:
        principal.require_region(region)
        if region not in REGIONS:
            raise Unprocessable("There is no such region.")


AnyFilter = Annotated[Filter, Depends(read_filters)]


def require_region(principal: Reader, filters: AnyFilter) -> Filter:
    """What figures are asked of: most roles name the region."""
    if filters.region is None and principal.role not in ("federal", "admin"):
        raise Unprocessable("Name the region.")
    return filters


def _organisation_of(principal: Principal, organisation: UUID | None) -> UUID | None:
    if principal.role != "agency":
        return organisation
    if organisation not in (None, principal.organisation):
        raise Forbidden("These are another organisation's figures.")
    return principal.organisation


async def find_freshness(filters: AnyFilter, request: Request, session: Reading) -> datetime | None:
    """`as_of` – found before the figures are read, so that it never promises more than they hold."""
    resources = resources_in(request.app, AnalyticsResources)
    copy = resources.copy
    if copy is None or (copy.serving is None and copy.is_small):
        return await resources.read_as_of(session)
    return copy.as_of(filters)


def open_store(request: Request, session: Reading) -> FigureStore:
    """What this request's figures are asked of; 503 while nothing answers in time."""
    resources = resources_in(request.app, AnalyticsResources)
    return store_for(resources.copy, session, resources.counted)


AskedFilter = Annotated[Filter, Depends(require_region)]
AsOf = Annotated[datetime | None, Depends(find_freshness, scope="function")]


def find_known_until(as_of: AsOf) -> int:
    """Up to when what still waits has waited, in seconds since 1970: until the facts are known to be whole, or until now where
    that is not known."""
    return int((as_of or utc_now()).timestamp())


KnownUntil = Annotated[int, Depends(find_known_until, scope="function")]
Store = Annotated[FigureStore, Depends(open_store, scope="function")]


@router.get("/summary")
async def summarise(filters: AskedFilter, as_of: AsOf, store: Store) -> Summary:
    """All figures of a scope and of the period before."""
    figures = await read_figures(store, filters)
    return Summary(
        **figures.model_dump(),
        region=filters.region,
        start=filters.period.start,
        end=filters.period.end,
        as_of=as_of,
        previous=await read_previous_figures(store, filters),
        definition={key: MEASURES[key].definition for key in Figures.model_fields},
    )


@router.get("/timeseries")
async def show_timeseries(
    filters: AskedFilter,
    as_of: AsOf,
    known_until: KnownUntil,
    store: Store,
    metric: MeasureKey = "received",
    grain: Grain = "day",
    group_by: Dimension | None = None,
    form: AnswerFormat = "json",
) -> Timeseries | TimeseriesRows:
    """A measure over time; points cover the whole period. Several regions: each appeal by its own region's clock."""
    measure = MEASURES[metric]
    series = await read_series(store, filters, SeriesQuery(measure, grain, group_by, known_until))
    definition = {metric: measure.definition}
    if form == "rows":
        named = {"metric": metric, "metric_name": measure.name}
        rows = [
            SeriesRow(at=point.at, key=line.key, name=line.name, value=point.value, **named)
            for line in series
            for point in line.points
        ]
        return TimeseriesRows(rows=rows, as_of=as_of, definition=definition)
    return Timeseries(metric=metric, grain=grain, series=series, as_of=as_of, definition=definition)


@router.get("/breakdown")
async def break_down(
    filters: AskedFilter,
    as_of: AsOf,
    known_until: KnownUntil,
    store: Store,
    by: Dimension,
    metric: MeasureKey = "received",
    form: AnswerFormat = "json",
) -> Breakdown | BreakdownRows:
    """A measure by groups, with shares and the period before."""
    measure = MEASURES[metric]
    items = await read_breakdown(store, filters, measure, by, known_until)
    definition = {metric: measure.definition}
    if form == "rows":
        named = {"metric": metric, "metric_name": measure.name}
        rows = [BreakdownRow(**item.model_dump(), **named) for item in items]
        return BreakdownRows(rows=rows, as_of=as_of, definition=definition)
    return Breakdown(metric=metric, by=by, items=items, as_of=as_of, definition=definition)


@router.get("/measures")
async def list_measures(filters: AnyFilter, as_of: AsOf) -> Measures:
    """The registry: every figure's one definition, the same whatever it is asked about."""
    items = [
        MeasureItem(
            key=measure.key,
            name=measure.name,
            name_en=measure.name_en,
            unit=measure.unit,
            formula=measure.formula,
            grain=measure.grain,
            minimum_sample=measure.minimum_sample,
            ranked=measure.comparison is not None,
            definition=measure.definition,
        )
        for measure in MEASURES.values()
    ]
    definition = {measure.key: measure.definition for measure in MEASURES.values()}
    return Measures(items=items, as_of=as_of, definition=definition)
