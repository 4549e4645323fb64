"""Summary, series and breakdowns: all over the expressions of the registry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, make_dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import row, rows
from chassis.problems import Unprocessable
from contracts.territories import REGIONS
from services.analytics.figures.rules.measures import MEASURES, Measure
from services.analytics.figures.rules.periods import (
    MOST_POINTS,
    MOST_POINTS_OF_ALL_SERIES,
    Grain,
    count_points,
    label_of,
    points_between,
)
from services.analytics.figures.rules.sources import (
    CHANNEL_NAMES,
    DIMENSIONS,
    SOURCES,
    UNKNOWN_NAMES,
    Base,
    Dimension,
    Filter,
    base_of,
)
from services.analytics.figures.schemas import BreakdownItem, Figures, Point, Series, Value

Parameters = dict[str, object]
# All figures as the columns of one row.
_FigureRow: type[Any] = make_dataclass("_FigureRow", tuple(Figures.model_fields), frozen=True, slots=True)

EVERYTHING = "Всего"
_KNOWN = """
SELECT DISTINCT ON (key) key, name FROM analytics.reference
WHERE kind = :kind AND key = ANY(:keys) AND (CAST(:regions AS text[]) IS NULL OR region = ANY(:regions))
ORDER BY key, region
"""


class TooManyPoints(Unprocessable):
    """The series would be too long to draw."""

    slug = "too-many-points"
    title = "Ask for a shorter period, a coarser grain or fewer groups"


@dataclass(frozen=True)
class SeriesQuery:
    """What a series shows."""

    measure: Measure
    grain: Grain
    dimension: Dimension | None


@dataclass(frozen=True, slots=True)
class LineValue:
    """A measure in one step of one line."""

    key: str | None
    at: datetime
    value: Value


@dataclass(frozen=True, slots=True)
class GroupValue:
    """A measure of one group."""

    key: str | None
    value: Value


@dataclass(frozen=True, slots=True)
class ReceivedDays:
    """The days of the first and the last appeal; null where there is none."""

    first: date | None
    last: date | None


@dataclass(frozen=True, slots=True)
class KnownName:
    """How a group is called."""

    key: str
    name: str


def source_of(
    filters: Filter, dimension: Dimension | None = None, sources: Mapping[Base, str] = SOURCES
) -> tuple[str, Parameters]:
    """`FROM … WHERE …` over the rows a filter means, with its parameters."""
    conditions, parameters = _conditions(filters)
    counted = sources[base_of(filters.organisation, dimension)]
    where = " AND ".join(conditions) or "true"
    return f"FROM ({counted}) AS f WHERE {where}", parameters


def _conditions(filters: Filter) -> tuple[list[str], Parameters]:
    wanted: list[tuple[object | None, str, str]] = [
        (None if filters.regions is None else list(filters.regions), "regions", "f.region = ANY(:regions)"),
        (
            filters.municipality,
            "municipality",
            "left(f.municipality, length(:municipality::text)) = :municipality",
        ),
        (filters.organisation, "organisation", "f.organisation_id = :organisation"),
        (filters.topic, "topic", "f.topic = :topic"),
        (filters.group, "topic_group", "f.topic_group = :topic_group"),
        (filters.channel, "channel", "f.channel = :channel"),
        (filters.period.start, "start", "f.received_local >= CAST(:start AS date)::timestamp"),
        (filters.period.end, "end", "f.received_local < CAST(:end AS date)::timestamp"),
    ]
    asked = [(value, name, condition) for value, name, condition in wanted if value is not None]
    return [condition for _, _, condition in asked], {name: value for value, name, _ in asked}


async def read_figures(session: AsyncSession, filters: Filter) -> Figures:
    """All measures of a filter in one pass."""
    source, parameters = source_of(filters)
    expressions = ", ".join(f"{MEASURES[key].expression} AS {key}" for key in Figures.model_fields)
    found = await row(session, _FigureRow, f"SELECT {expressions} {source}", **parameters)
    return Figures.model_validate(found, from_attributes=True)


async def read_previous_figures(session: AsyncSession, filters: Filter) -> Figures | None:
    """The same for the period before; None when the period is open."""
    period = filters.period.previous()
    return None if period is None else await read_figures(session, filters.during(period))


async def read_series(session: AsyncSession, filters: Filter, wanted: SeriesQuery) -> list[Series]:
    """Lines over the whole period, largest first; 422 when they have too many points."""
    start, end = await _bounds(session, filters, wanted.dimension)
    if count_points(start, end, wanted.grain) > MOST_POINTS:
        raise TooManyPoints(f"More than {MOST_POINTS} points in a line.")
    lines = await _values_by_line(session, filters, wanted)
    at = points_between(start, end, wanted.grain)
    if len(at) * len(lines) > MOST_POINTS_OF_ALL_SERIES:
        raise TooManyPoints(f"More than {MOST_POINTS_OF_ALL_SERIES} points in all lines.")
    if wanted.dimension is None:
        names: Mapping[str | None, str] = {None: EVERYTHING}
    else:
        names = await _find_names(session, wanted.dimension, list(lines), filters)
    ordered = sorted(lines, key=lambda key: (-sum(value or 0 for value in lines[key].values()), key or ""))
    return [
        Series(
            key=key,
            name=names[key],
            points=[
                Point(at=label_of(when, filters.region), value=lines[key].get(when, wanted.measure.empty))
                for when in at
            ],
        )
        for key in ordered
    ]


async def _values_by_line(
    session: AsyncSession, filters: Filter, wanted: SeriesQuery
) -> dict[str | None, dict[datetime, Value]]:
    source, parameters = source_of(filters, wanted.dimension)
    key = DIMENSIONS[wanted.dimension] if wanted.dimension else "NULL::text"
    statement = (
        f"SELECT {key} AS key, date_trunc('{wanted.grain}', received_local) AS at, "
        f"{wanted.measure.expression} AS value {source} GROUP BY 1, 2"
    )
    lines: dict[str | None, dict[datetime, Value]] = defaultdict(dict)
    if wanted.dimension is None:
        lines[None] = {}
    for found in await rows(session, LineValue, statement, **parameters):
        lines[found.key][found.at] = found.value
    return lines


async def _bounds(session: AsyncSession, filters: Filter, dimension: Dimension | None) -> tuple[date, date]:
    """The period; where it is open, the days of the first and the last appeal."""
    start, end = filters.period.start, filters.period.end
    if start is not None and end is not None:
        return start, end
    source, parameters = source_of(filters, dimension)
    statement = f"SELECT min(received_local)::date AS first, max(received_local)::date AS last {source}"
    found = await row(session, ReceivedDays, statement, **parameters)
    if found is None or found.first is None or found.last is None:
        day = start or end or date(2000, 1, 1)
        return day, day
    return start or found.first, end or found.last + timedelta(days=1)


async def read_breakdown(
    session: AsyncSession, filters: Filter, measure: Measure, dimension: Dimension
) -> list[BreakdownItem]:
    """Groups with their share and their value in the period before, largest first."""
    now = await _values_by_key(session, filters, measure, dimension)
    period = filters.period.previous()
    before = (
        None if period is None else await _values_by_key(session, filters.during(period), measure, dimension)
    )
    keys = sorted(now.keys() | (before or {}).keys(), key=lambda key: (-(now.get(key) or 0), key or ""))
    names = await _find_names(session, dimension, keys, filters)
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
    session: AsyncSession, filters: Filter, measure: Measure, dimension: Dimension
) -> dict[str | None, Value]:
    source, parameters = source_of(filters, dimension)
    statement = f"SELECT {DIMENSIONS[dimension]} AS key, {measure.expression} AS value {source} GROUP BY 1"
    return {found.key: found.value for found in await rows(session, GroupValue, statement, **parameters)}


async def _find_names(
    session: AsyncSession, dimension: Dimension, keys: Sequence[str | None], filters: Filter
) -> Mapping[str | None, str]:
    """A name for every key; a key nobody has named yet stands for itself."""
    known = [key for key in keys if key is not None]
    if dimension == "region":
        names = {key: REGIONS[key].name for key in known if key in REGIONS}
    elif dimension == "channel":
        names = CHANNEL_NAMES
    elif dimension == "municipality":
        names = {}
    else:
        regions = None if filters.regions is None else list(filters.regions)
        found = await rows(session, KnownName, _KNOWN, kind=dimension, keys=known, regions=regions)
        names = {each.key: each.name for each in found}
    return {None: UNKNOWN_NAMES[dimension], **{key: names.get(key, key) for key in known}}
