"""Everything a report tells, by the very queries that answer it over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.territories import REGIONS
from services.analytics.comparison.queries import read_ranking
from services.analytics.comparison.schemas import RankedBy
from services.analytics.figures.queries import (
    find_names,
    read_breakdown,
    read_figures,
    read_previous_figures,
    read_series,
)
from services.analytics.figures.queries.lines import SeriesQuery
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.schemas import Figures
from services.analytics.reports.queries.registers import read_decision_lines, read_problem_lines
from services.analytics.reports.rules.composing import RANKED_BY
from services.analytics.reports.rules.gathered import Gathered, Group, MeasureValue, Ranked, Step
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter
from services.analytics.store.rules.periods import Grain, Period
from services.analytics.store.rules.sources import Dimension

_DAYS: Final = 62  # up to so many a line shows days
_WEEKS: Final = 800  # and up to so many days weeks


async def gather(
    session: AsyncSession, store: FigureStore, filters: Filter, as_of: datetime | None, known_until: int
) -> Gathered:
    """All of a report's figures."""
    now = await read_figures(store, filters)
    before = await read_previous_figures(store, filters)
    grain = grain_of(filters.period)
    series = await read_series(store, filters, SeriesQuery(MEASURES["received"], grain, None, known_until))
    return Gathered(
        subject=await subject_of(store, filters),
        start=filters.period.start,
        end=filters.period.end,
        region=filters.region,
        as_of=as_of,
        asked=_query(filters, with_period=True),
        territory=_query(filters, with_period=False),
        grain=grain,
        headline=[
            MeasureValue(key, getattr(now, key), None if before is None else getattr(before, key))
            for key in Figures.model_fields
        ],
        steps=[Step(point.at.date(), point.value) for line in series for point in line.points],
        topics=await _groups(store, filters, "received", "topic", known_until),
        municipalities=await _ranked(store, filters, "municipality", known_until),
        organisations=await _ranked(store, filters, "organisation", known_until),
        overdue=await _groups(store, filters, "breached", "organisation", known_until),
        reopened=await _groups(store, filters, "reopened", "topic", known_until),
        decisions=await read_decision_lines(session, filters),
        problems=await read_problem_lines(session, filters),
    )


def grain_of(period: Period) -> Grain:
    """In what steps a line is still read."""
    if period.start is None or period.end is None:
        return "month"
    days = (period.end - period.start).days
    return "day" if days <= _DAYS else "week" if days <= _WEEKS else "month"


async def _groups(
    store: FigureStore, filters: Filter, metric: str, by: Dimension, known_until: int
) -> list[Group]:
    items = await read_breakdown(store, filters, MEASURES[metric], by, known_until)
    return [Group(each.name, each.value, each.previous) for each in items]


async def _ranked(store: FigureStore, filters: Filter, by: RankedBy, known_until: int) -> list[Ranked]:
    items = await read_ranking(store, filters, MEASURES[RANKED_BY], by, known_until)
    return [
        Ranked(each.name, each.value, each.expected, each.low, each.high, each.flagged, each.sample)
        for each in items
    ]


async def subject_of(store: FigureStore, filters: Filter) -> str:
    """Whose report it is: organisation, municipality, region; then what it is narrowed to."""
    region = REGIONS[filters.region].name if filters.region else "Все регионы"
    named: list[str] = []
    organisation = filters.organisation or filters.scope.organisation
    wanted: tuple[tuple[Dimension, str | None], ...] = (
        ("organisation", str(organisation) if organisation else None),
        ("municipality", filters.municipality),
        ("topic", filters.topic),
        ("group", filters.group),
        ("channel", filters.channel),
    )
    for dimension, key in wanted:
        if key is not None:
            named.append((await find_names(store, dimension, [key], filters))[key])
    return ", ".join([*named, region])


def _query(filters: Filter, *, with_period: bool) -> str:
    """What was asked, as it is asked over HTTP."""
    days: tuple[tuple[str, date | None], ...] = (("from", filters.period.start), ("to", filters.period.end))
    asked: list[tuple[str, object | None]] = [
        ("region", filters.region),
        ("municipality", filters.municipality if with_period else filters.whole_municipality),
    ]
    if with_period:
        asked += [
            ("organisation", filters.organisation),
            ("topic", filters.topic),
            ("group", filters.group),
            ("channel", filters.channel),
            *days,
        ]
    return urlencode([(name, str(value)) for name, value in asked if value is not None])
