"""Summary, series and breakdowns: all over the expressions of the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, make_dataclass
from datetime import date, timedelta
from typing import Any

from contracts.territories import REGIONS
from services.analytics.figures.queries.asking import ask_by, measured_by, narrow
from services.analytics.figures.queries.lines import SeriesQuery, TooManyPoints, read_lines
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.rules.measures.measure import Measure
from services.analytics.figures.schemas import BreakdownItem, Figures, Point, Series, Value
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter, base_of
from services.analytics.store.rules.periods import (
    MOST_POINTS,
    MOST_POINTS_OF_ALL_SERIES,
    count_points,
    label_of,
    points_between,
)
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import CHANNEL_NAMES, DIMENSIONS, UNKNOWN_NAMES, Dimension

# All figures as the columns of one row.
_FigureRow: type[Any] = make_dataclass("_FigureRow", tuple(Figures.model_fields), frozen=True, slots=True)

NAME_OF_ALL = "Всего"


@dataclass(frozen=True, slots=True)
class GroupValue:
    """A measure of one group."""

    key: str | None
    value: Value


@dataclass(frozen=True, slots=True)
class DatedDays:
    """The days of the first and the last appeal; null where there is none."""

    first: date | None
    last: date | None


async def read_figures(store: FigureStore, filters: Filter) -> Figures:
    """All measures of a filter in one pass."""
    columns = {key: MEASURES[key].expression for key in Figures.model_fields}
    (found,) = await store.ask(_FigureRow, Question(filters, base_of(filters), columns))
    return Figures.model_validate(found, from_attributes=True)


async def read_previous_figures(store: FigureStore, filters: Filter) -> Figures | None:
    """The same for the period before; None when the period is open."""
    period = filters.period.previous()
    return None if period is None else await read_figures(store, filters.during(period))


async def read_series(store: FigureStore, filters: Filter, wanted: SeriesQuery) -> list[Series]:
    """Lines over the whole period, largest first; 422 when they have too many points."""
    start, end = await _bounds(store, filters, wanted)
    if count_points(start, end, wanted.grain) > MOST_POINTS:
        raise TooManyPoints("More than {most} points in a line.", values={"most": MOST_POINTS})
    at = points_between(start, end, wanted.grain)
    lines = await read_lines(store, filters, wanted, at)
    if len(at) * len(lines) > MOST_POINTS_OF_ALL_SERIES:
        raise TooManyPoints(
            "More than {most} points in all lines.", values={"most": MOST_POINTS_OF_ALL_SERIES}
        )
    if wanted.dimension is None:
        names: Mapping[str | None, str] = {None: NAME_OF_ALL}
    else:
        names = await find_names(store, wanted.dimension, list(lines), filters)
    ordered = sorted(lines, key=lambda key: (-sum(value or 0 for value in lines[key].values()), key or ""))
    measured = await measured_by(store, filters, wanted.measure, wanted.dimension)
    empty = {key: measured(key, wanted.measure.empty) for key in ordered}
    return [
        Series(
            key=key,
            name=names[key],
            points=[
                Point(at=label_of(when, filters.region), value=lines[key].get(when, empty[key]))
                for when in at
            ],
        )
        for key in ordered
    ]


async def _bounds(store: FigureStore, filters: Filter, wanted: SeriesQuery) -> tuple[date, date]:
    """The period; where it is open, the days of the first and the last appeal."""
    dated_by = wanted.measure.dated_by
    start, end = filters.period.start, filters.period.end
    if start is not None and end is not None:
        return start, end
    columns = {"first": f"min({dated_by})::date", "last": f"max({dated_by})::date"}
    question = Question(filters, base_of(filters, wanted.dimension), columns, dated_by=dated_by)
    (found,) = await store.ask(DatedDays, question)
    if found.first is None or found.last is None:
        day = start or end or date(2000, 1, 1)
        return day, day
    return start or found.first, end or found.last + timedelta(days=1)


async def read_breakdown(
    store: FigureStore, filters: Filter, measure: Measure, dimension: Dimension, as_of: int = 0
) -> list[BreakdownItem]:
    """Groups with their share and their value in the period before, largest first."""
    now = await read_values(store, filters, measure, dimension, as_of)
    period = filters.period.previous()
    before = (
        None
        if period is None
        else await read_values(store, filters.during(period), measure, dimension, as_of)
    )
    keys = sorted(now.keys() | (before or {}).keys(), key=lambda key: (-(now.get(key) or 0), key or ""))
    names = await find_names(store, dimension, keys, filters)
    total = sum(value or 0 for value in now.values()) if measure.additive else 0
    measured = await measured_by(store, filters, measure, dimension)
    empty = {key: measured(key, measure.empty) for key in keys}
    return [
        BreakdownItem(
            key=key,
            name=names[key],
            value=now.get(key, empty[key]),
            share=(now.get(key) or 0) / total if total else None,
            previous=None if before is None else before.get(key, empty[key]),
        )
        for key in keys
    ]


async def read_values(
    store: FigureStore,
    filters: Filter,
    measure: Measure,
    dimension: Dimension,
    as_of: int = 0,
    narrowed: str = "",
) -> dict[str | None, Value]:
    """A measure of every group. `narrowed`: a further condition of rows."""
    question = narrow(ask_by(measure, filters, dimension, {"key": DIMENSIONS[dimension]}, as_of), narrowed)
    measured = await measured_by(store, filters, measure, dimension)
    return {found.key: measured(found.key, found.value) for found in await store.ask(GroupValue, question)}


async def find_names(
    store: FigureStore, dimension: Dimension, keys: Sequence[str | None], filters: Filter
) -> Mapping[str | None, str]:
    """A name for every key; a key nobody has named yet stands for itself."""
    known = [key for key in keys if key is not None]
    names: Mapping[str, str] = {}
    if dimension == "region":
        names = {key: REGIONS[key].name for key in known if key in REGIONS}
    elif dimension == "channel":
        names = CHANNEL_NAMES
    else:
        names = await store.find_names(dimension, known, filters.regions)
    return {None: UNKNOWN_NAMES[dimension], **{key: names.get(key, key) for key in known}}
