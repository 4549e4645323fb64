"""The lines of a series: what came in each step, or what was there at its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.problems import Unprocessable
from services.analytics.figures.queries.asking import ask_by, measured_by
from services.analytics.figures.rules.measures.measure import Measure
from services.analytics.figures.schemas import Value
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter, base_of
from services.analytics.store.rules.periods import MOST_POINTS_OF_ALL_SERIES, Grain
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import DIMENSIONS, Dimension

_ONE_TOO_MANY = MOST_POINTS_OF_ALL_SERIES + 1
Lines = dict[str | None, dict[datetime, Value]]


class TooManyPoints(Unprocessable):
    """The series would be too long to draw."""

    slug = "too-many-points"
    title = "Ask for a shorter period, a coarser grain or fewer groups"


@dataclass(frozen=True)
class SeriesQuery:
    """What a series shows. `as_of`: as in `ask_by`."""

    measure: Measure
    grain: Grain
    dimension: Dimension | None
    as_of: int = 0


@dataclass(frozen=True, slots=True)
class LineValue:
    """A measure in one step of one line."""

    key: str | None
    start: datetime
    value: Value


async def read_lines(
    store: FigureStore, filters: Filter, wanted: SeriesQuery, at: Sequence[datetime]
) -> Lines:
    """Values by line and step; `at`: the beginnings of all steps of the period."""
    if wanted.measure.is_stock:
        return await _read_stocks(store, filters, wanted, at)
    measure, dimension = wanted.measure, wanted.dimension
    question = ask_by(measure, filters, dimension, _keys(wanted, measure.dated_by), wanted.as_of)
    measured = await measured_by(store, filters, measure, dimension)
    lines: Lines = defaultdict(dict)
    if dimension is None:
        lines[None] = {}
    for found in await _ask_points(store, question):
        lines[found.key][found.start] = measured(found.key, found.value)
    return lines


async def _ask_points(store: FigureStore, question: Question) -> list[LineValue]:
    """A row is a point: more than may be drawn are not even fetched."""
    limited = replace(question, around=f"SELECT * FROM ({question.around}) AS points LIMIT {_ONE_TOO_MANY}")
    answer = await store.ask(LineValue, limited)
    if len(answer) == _ONE_TOO_MANY:
        raise TooManyPoints(
            "More than {most} points in all lines.", values={"most": MOST_POINTS_OF_ALL_SERIES}
        )
    return answer


async def _read_stocks(
    store: FigureStore, filters: Filter, wanted: SeriesQuery, at: Sequence[datetime]
) -> Lines:
    """At the end of each step: what had come by then less what had ended, from the very beginning."""
    if not at:
        return {} if wanted.dimension else {None: {}}
    until_end = filters.during(filters.period.until_end())
    changes: dict[str | None, dict[datetime, int]] = defaultdict(lambda: defaultdict(int))
    if wanted.dimension is None:
        changes[None] = defaultdict(int)
    for column, sign in (("received_local", 1), ("closed_local", -1)):
        for found in await _read_changes(store, until_end, wanted, column, at[0]):
            changes[found.key][found.start] += sign * int(found.value or 0)
    return {key: _add_up(steps, at) for key, steps in changes.items()}


def _add_up(changes: dict[datetime, int], at: Sequence[datetime]) -> dict[datetime, Value]:
    """The sum of all changes up to and in each step."""
    stock, waiting = 0, sorted(changes, reverse=True)
    found: dict[datetime, Value] = {}
    for start in at:
        while waiting and waiting[-1] <= start:
            stock += changes[waiting.pop()]
        found[start] = stock
    return found


async def _read_changes(
    store: FigureStore, filters: Filter, wanted: SeriesQuery, moment: str, first: datetime
) -> list[LineValue]:
    """How many rows had that moment in each step, of those before the end; all before the first step in one with it, for there are
    as many steps before a period as the register is old."""
    keys = _keys(wanted, moment)
    before_end = "true" if filters.period.end is None else f"f.{moment} < CAST(:end AS date)::timestamp"
    question = Question(
        filters,
        base_of(filters, wanted.dimension),
        {**keys, "start": f"greatest({keys['start']}, CAST(:first AS timestamp))", "value": "count(*)"},
        groups=2,
        narrowed=f"f.{moment} IS NOT NULL AND {before_end}",
        parameters={"first": first},
    )
    return await _ask_points(store, question)


def _keys(wanted: SeriesQuery, moment: str) -> dict[str, str]:
    return {
        "key": DIMENSIONS[wanted.dimension] if wanted.dimension else "NULL::text",
        "start": f"date_trunc('{wanted.grain}', {moment}::timestamp)",
    }
