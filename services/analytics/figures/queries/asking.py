"""From a measure to the question that a store is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from services.analytics.figures.rules.measures.measure import Measure, count_of
from services.analytics.figures.rules.residents import per_residents, residents_by_key
from services.analytics.figures.rules.survival import quantile_around, step_columns
from services.analytics.figures.schemas import Value
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter, base_of
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import Dimension


def at_end(measure: Measure, filters: Filter) -> tuple[Measure, Filter]:
    """A stock, and what it is asked about: whatever had come by the end of the period and was waiting then; with an open end,
    what is waiting now. Other measures stay as they are."""
    if not measure.is_stock:
        return measure, filters
    until_end = filters.during(filters.period.until_end())
    if filters.period.end is None:
        return measure, until_end
    waiting = "closed_local IS NULL OR closed_local >= CAST(:end AS date)::timestamp"
    return replace(measure, members=waiting, expression=count_of(waiting)), until_end


def ask_by(
    measure: Measure, filters: Filter, dimension: Dimension | None, keys: Mapping[str, str], as_of: int = 0
) -> Question:
    """The question of a measure as `value` for each of `keys` (name → SQL of a group). `as_of`: seconds since 1970 up to
    which facts are known; only those that say so ask for it."""
    measure, filters = at_end(measure, filters)
    question = Question(
        filters,
        base_of(filters, dimension),
        {**keys, "value": measure.expression},
        groups=len(keys),
        narrowed="" if measure.dated_by == "received_local" else f"{measure.dated_by} IS NOT NULL",
        parameters={"as_of": as_of} if measure.knows_time else {},
        dated_by=measure.dated_by,
    )
    if measure.quantile is None:
        return question
    return replace(
        question,
        columns={**keys, **step_columns(measure.expression)},
        groups=len(keys) + 1,
        around=quantile_around(list(keys), measure.quantile),
    )


def narrow(question: Question, condition: str) -> Question:
    """The question of fewer rows; the same without a condition."""
    conditions = [each for each in (question.narrowed, condition) if each]
    return replace(question, narrowed=" AND ".join(f"({each})" for each in conditions))


async def measured_by(
    store: FigureStore, filters: Filter, measure: Measure, dimension: Dimension | None
) -> Callable[[str | None, Value], Value]:
    """What the value of a group's expression makes of the measure: itself, or so many per residents."""
    if measure.unit != "per_10000":
        return lambda _, value: value
    residents = residents_by_key(await store.find_populations(filters.regions), filters, dimension)
    return lambda key, value: per_residents(value, residents(key))
