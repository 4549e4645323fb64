"""Groups, what was to be expected of them, and how far chance reaches."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from contracts.territories import REGIONS
from services.analytics.comparison.rules.expectations import EXPECTED_AROUND, cell_columns
from services.analytics.comparison.rules.funnels import Judged, Observed, judge
from services.analytics.comparison.schemas import RankedBy, RankingItem
from services.analytics.figures.queries import find_names, read_values
from services.analytics.figures.queries.asking import ask_by, narrow
from services.analytics.figures.rules.measures.measure import Measure
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import DIMENSIONS

# The notice of a planned work answers at once, a whole district at a time: it is nobody's speed, and no answer to be expected.
ANSWERED_BY_PEOPLE: Final = "NOT by_work"
_NOT_COMPARED: Final = "Не сравниваются обращения, на которые ответили уведомления о плановых работах."
_NOT_JUDGED: Final = Judged()
_GROUPS: Final = 4  # a group in a cell: its key, and the cell's region, topic and month


@dataclass(frozen=True, slots=True)
class Compared:
    """Groups with a case, the values of those with enough, and what is made of these."""

    groups: list[Observed]
    values: dict[str | None, float]
    judged: dict[str | None, Judged]


def define(measure: Measure) -> str:
    """What is compared, for people."""
    return f"{measure.definition} {_NOT_COMPARED}"


async def read_ranking(
    store: FigureStore, filters: Filter, measure: Measure, by: RankedBy, as_of: int
) -> list[RankingItem]:
    """Every group with a case. The figures are those of a breakdown but for notices of planned works; who has no place or
    organisation is part of what is expected, and no item."""
    compared = await compare(store, filters, measure, by, as_of)
    groups, values, judged = compared.groups, compared.values, compared.judged
    names = await find_names(store, by, [each.key for each in groups], filters)
    ordered = sorted(groups, key=lambda each: _place(each, judged.get(each.key)))
    return [
        _item(each, names[each.key], values.get(each.key), judged.get(each.key, _NOT_JUDGED))
        for each in ordered
    ]


async def compare(
    store: FigureStore, filters: Filter, measure: Measure, by: RankedBy, as_of: int
) -> Compared:
    """Groups by a measure that is compared, each beside what was to be expected of it; what people answered, or nobody did."""
    comparison = measure.comparison
    assert comparison is not None
    columns = cell_columns(measure, comparison, DIMENSIONS[by])
    question = replace(
        ask_by(measure, filters, by, {}, as_of), columns=columns, groups=_GROUPS, around=EXPECTED_AROUND
    )
    groups = await _observe(store, narrow(question, ANSWERED_BY_PEOPLE))
    found = await read_values(store, filters, measure, by, as_of, ANSWERED_BY_PEOPLE)
    enough = {each.key for each in groups if each.size >= measure.minimum_sample}
    values = {key: value for key, value in found.items() if key in enough and value is not None}
    return Compared(groups, values, judge(measure, comparison, groups, values))


async def _observe(store: FigureStore, question: Question) -> list[Observed]:
    """Groups that have a key. Cells are of one region, and those of all topics and all regions at once are more than fit into
    memory: so a region at a time. What has cases in several regions is the sum of them."""
    groups = dict[str, Observed]()
    for filters in _parts(question.filters):
        for found in await store.ask(Observed, replace(question, filters=filters)):
            if found.key is not None:
                groups[found.key] = found + groups.get(found.key, Observed(found.key))
    return list(groups.values())


def _parts(filters: Filter) -> list[Filter]:
    if filters.topic is not None or filters.group is not None:
        return [filters]
    regions = sorted(REGIONS) if filters.regions is None else filters.regions
    return [replace(filters, region=region) for region in regions]


def _place(group: Observed, judged: Judged | None) -> tuple[bool, bool, float, str]:
    is_compared = judged is not None and judged.expected is not None
    return judged is None, not is_compared, -judged.z if judged else 0.0, group.key or ""


def _item(group: Observed, name: str, value: float | None, judged: Judged) -> RankingItem:
    return RankingItem(
        key=group.key or "",
        name=name,
        value=value,
        expected=judged.expected,
        low=judged.low,
        high=judged.high,
        flagged=judged.flagged,
        sample=int(group.size),
    )
