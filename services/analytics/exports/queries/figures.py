"""Figures as flat rows: the very answers of summary, series, breakdown and ranking, one row for each value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final

from services.analytics.comparison.queries import read_ranking
from services.analytics.exports.rules.naming import FigureKind
from services.analytics.exports.rules.tables import FIGURE_COLUMNS, Cell
from services.analytics.exports.schemas import AskedFigures
from services.analytics.figures.queries import (
    NAME_OF_ALL,
    read_breakdown,
    read_figures,
    read_previous_figures,
    read_series,
)
from services.analytics.figures.queries.lines import SeriesQuery
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.rules.measures.measure import Measure
from services.analytics.figures.schemas import Figures, Value
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter
from services.analytics.store.rules.sources import Dimension


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row of `FIGURE_COLUMNS`."""

    region: str | None
    municipality: str | None
    organisation: str | None
    topic_group: str | None
    topic: str | None
    channel: str | None
    period_from: date | None
    period_to: date | None
    grain: str | None = None
    step_start: datetime | None = None
    name: str = NAME_OF_ALL
    metric: str = ""
    metric_name: str = ""
    unit: str = ""
    value: Value = None
    share: float | None = None
    previous: Value = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    flagged: str | None = None
    sample: int | None = None


assert tuple(column.key for column in FIGURE_COLUMNS) == tuple(field.name for field in fields(FigureRow))
_cells: Callable[[FigureRow], tuple[Cell, ...]] = attrgetter(*(column.key for column in FIGURE_COLUMNS))


async def read_figure_rows(
    store: FigureStore, filters: Filter, asked: AskedFigures, as_of: int
) -> list[tuple[Cell, ...]]:
    """Cells of `FIGURE_COLUMNS`. `as_of`: as in `ask_by`."""
    return [_cells(row) for row in await _READERS[asked.kind](store, filters, asked, as_of)]


def measures_of(asked: AskedFigures) -> list[Measure]:
    """The measures of a file of figures."""
    return [MEASURES[key] for key in (Figures.model_fields if asked.kind == "summary" else (asked.metric,))]


def _blank(filters: Filter) -> FigureRow:
    """What all rows of a question share: what it was asked about."""
    return FigureRow(
        region=filters.region,
        municipality=filters.municipality,
        organisation=None if filters.organisation is None else str(filters.organisation),
        topic_group=filters.group,
        topic=filters.topic,
        channel=filters.channel,
        period_from=filters.period.start,
        period_to=filters.period.end,
    )


def _measured(filters: Filter, measure: Measure) -> FigureRow:
    return replace(_blank(filters), metric=measure.key, metric_name=measure.name, unit=measure.unit)


async def _read_summary(store: FigureStore, filters: Filter, asked: AskedFigures, _: int) -> list[FigureRow]:
    now = await read_figures(store, filters)
    before = await read_previous_figures(store, filters)
    return [
        replace(
            _measured(filters, measure),
            value=getattr(now, measure.key),
            previous=getattr(before, measure.key, None),
        )
        for measure in measures_of(asked)
    ]


async def _read_series(
    store: FigureStore, filters: Filter, asked: AskedFigures, as_of: int
) -> list[FigureRow]:
    measure, dimension = MEASURES[asked.metric], asked.group_by
    series = await read_series(store, filters, SeriesQuery(measure, asked.grain, dimension, as_of))
    blank = replace(_measured(filters, measure), grain=asked.grain)
    rows = []
    for line in series:
        of_line = replace(blank, name=line.name, **_keyed(dimension, line.key))
        rows += [replace(of_line, step_start=point.at, value=point.value) for point in line.points]
    return rows


async def _read_breakdown(
    store: FigureStore, filters: Filter, asked: AskedFigures, as_of: int
) -> list[FigureRow]:
    assert asked.by is not None
    measure = MEASURES[asked.metric]
    blank = _measured(filters, measure)
    return [
        replace(
            blank,
            name=item.name,
            value=item.value,
            share=item.share,
            previous=item.previous,
            **_keyed(asked.by, item.key),
        )
        for item in await read_breakdown(store, filters, measure, asked.by, as_of)
    ]


async def _read_ranking(
    store: FigureStore, filters: Filter, asked: AskedFigures, as_of: int
) -> list[FigureRow]:
    assert asked.by == "municipality" or asked.by == "organisation"
    measure = MEASURES[asked.metric]
    blank = _measured(filters, measure)
    return [
        replace(
            blank,
            name=item.name,
            value=item.value,
            expected=item.expected,
            low=item.low,
            high=item.high,
            flagged=item.flagged,
            sample=item.sample,
            **_keyed(asked.by, item.key),
        )
        for item in await read_ranking(store, filters, measure, asked.by, as_of)
    ]


def _keyed(dimension: Dimension | None, key: str | None) -> dict[str, Any]:
    """The key of a group in the column of its dimension."""
    return {} if dimension is None else {"topic_group" if dimension == "group" else dimension: key}


_Reader = Callable[[FigureStore, Filter, AskedFigures, int], Awaitable[list[FigureRow]]]
_READERS: Final[Mapping[FigureKind, _Reader]] = {
    "summary": _read_summary,
    "timeseries": _read_series,
    "breakdown": _read_breakdown,
    "ranking": _read_ranking,
}
