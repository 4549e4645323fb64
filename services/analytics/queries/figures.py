"""Summary, series and breakdowns: all over the expressions of the registry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from chassis.problems import Unprocessable
from services.analytics.queries.facts import source_of
from services.analytics.queries.names import find_names
from services.analytics.rules.frames import DIMENSIONS, Dimension
from services.analytics.rules.measures import MEASURES, Measure
from services.analytics.rules.periods import (
    MOST_POINTS,
    MOST_POINTS_OF_ALL_SERIES,
    Grain,
    count_points,
    label_of,
    points_between,
)
from services.analytics.rules.scope import Scope
from services.analytics.schemas import BreakdownItem, Figures, Point, Series, Value

EVERYTHING = "Всего"


class TooManyPoints(Unprocessable):
    """The series would be too long to draw."""

    slug = "too-many-points"
    title = "Ask for a shorter period, a coarser grain or fewer groups"


@dataclass(frozen=True)
class SeriesAsked:
    """What a series shows."""

    measure: Measure
    grain: Grain
    dimension: Dimension | None


async def read_figures(session: AsyncSession, scope: Scope) -> Figures:
    """All measures of a scope in one pass."""
    source, parameters = source_of(scope)
    expressions = ", ".join(f"{MEASURES[key].expression} AS {key}" for key in Figures.model_fields)
    row = (await session.execute(text(f"SELECT {expressions} {source}"), parameters)).mappings().one()
    return Figures.model_validate(dict(row))


async def read_previous_figures(session: AsyncSession, scope: Scope) -> Figures | None:
    """The same for the period before; None when the period is open."""
    period = scope.period.previous()
    return None if period is None else await read_figures(session, scope.during(period))


async def read_series(session: AsyncSession, scope: Scope, asked: SeriesAsked) -> list[Series]:
    """Lines over the whole period, largest first; 422 when they have too many points."""
    start, end = await _bounds(session, scope, asked.dimension)
    if count_points(start, end, asked.grain) > MOST_POINTS:
        raise TooManyPoints(f"More than {MOST_POINTS} points in a line.")
    lines = await _values_by_line(session, scope, asked)
    at = points_between(start, end, asked.grain)
    if len(at) * len(lines) > MOST_POINTS_OF_ALL_SERIES:
        raise TooManyPoints(f"More than {MOST_POINTS_OF_ALL_SERIES} points in all lines.")
    if asked.dimension is None:
        names: Mapping[str | None, str] = {None: EVERYTHING}
    else:
        names = await find_names(session, asked.dimension, list(lines), scope)
    ordered = sorted(lines, key=lambda key: (-sum(value or 0 for value in lines[key].values()), key or ""))
    return [
        Series(
            key=key,
            name=names[key],
            points=[
                Point(at=label_of(when, scope.region), value=lines[key].get(when, asked.measure.empty))
                for when in at
            ],
        )
        for key in ordered
    ]


async def _values_by_line(
    session: AsyncSession, scope: Scope, asked: SeriesAsked
) -> dict[str | None, dict[datetime, Value]]:
    source, parameters = source_of(scope, asked.dimension)
    key = DIMENSIONS[asked.dimension] if asked.dimension else "NULL::text"
    statement = (
        f"SELECT {key} AS key, date_trunc('{asked.grain}', received_local) AS at, "
        f"{asked.measure.expression} AS value {source} GROUP BY 1, 2"
    )
    lines: dict[str | None, dict[datetime, Value]] = defaultdict(dict)
    if asked.dimension is None:
        lines[None] = {}
    for line, at, value in await session.execute(text(statement), parameters):
        lines[line][at] = value
    return lines


async def _bounds(session: AsyncSession, scope: Scope, dimension: Dimension | None) -> tuple[date, date]:
    """The period; where it is open, the days of the first and the last appeal."""
    start, end = scope.period.start, scope.period.end
    if start is not None and end is not None:
        return start, end
    source, parameters = source_of(scope, dimension)
    first, last = (
        await session.execute(
            text(f"SELECT min(received_local)::date, max(received_local)::date {source}"), parameters
        )
    ).one()
    if first is None:
        day = start or end or date(2000, 1, 1)
        return day, day
    return start or first, end or last + timedelta(days=1)


async def read_breakdown(
    session: AsyncSession, scope: Scope, measure: Measure, dimension: Dimension
) -> list[BreakdownItem]:
    """Groups with their share and their value in the period before, largest first."""
    now = await _values_by_key(session, scope, measure, dimension)
    period = scope.period.previous()
    before = (
        None if period is None else await _values_by_key(session, scope.during(period), measure, dimension)
    )
    keys = sorted(now.keys() | (before or {}).keys(), key=lambda key: (-(now.get(key) or 0), key or ""))
    names = await find_names(session, dimension, keys, scope)
    total = sum(value or 0 for value in now.values()) if measure.additive else 0
    return [
        BreakdownItem(
            key=key,
            name=names[key],
            value=now.get(key, measure.empty),
            share=(now.get(key) or 0) / total if total else None,
            previous=None if before is None else before.get(key, measure.empty),
        )
        for key in keys
    ]


async def _values_by_key(
    session: AsyncSession, scope: Scope, measure: Measure, dimension: Dimension
) -> dict[str | None, Value]:
    source, parameters = source_of(scope, dimension)
    statement = f"SELECT {DIMENSIONS[dimension]} AS key, {measure.expression} AS value {source} GROUP BY 1"
    rows = await session.execute(text(statement), parameters)
    return {row.key: row.value for row in rows}
