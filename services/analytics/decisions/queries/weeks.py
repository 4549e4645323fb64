"""Weeks of the series that a decision is compared with, through the store of figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import column
from services.analytics.decisions.rules.effects import Asked, Scale
from services.analytics.decisions.rules.subjects import WEEKS_BEFORE, Compared, is_mean, is_ratio, weeks_after
from services.analytics.figures.queries.asking import at_end
from services.analytics.figures.rules.measures.measure import Measure
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import base_of
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import DIMENSIONS
from services.analytics.tables.decisions import DecisionRow

MOST_SERIES: Final = 60  # the largest; the rest says little and costs as much
_SIBLINGS: Final = """
SELECT {key} FROM analytics.decision WHERE region = :region AND id <> :id AND started_on IS NOT NULL
    AND state IN ('running', 'done') AND started_on > :since::date AND started_on < :until::date AND {key} IS NOT NULL
    AND (topic IS NOT DISTINCT FROM :topic::text OR topic IS NULL) LIMIT 1000
"""
_KEYS: Final = {
    "municipality": "municipality",
    "organisation": "organisation_id::text",
    "topic": "topic",
    "group": "topic_group",
}


@dataclass(frozen=True, slots=True)
class _WeekOfSeries:
    key: str | None
    week: int
    total: float
    size: float


@dataclass(frozen=True, slots=True)
class WeeksOfSeries:
    """What to ask, and which series is in which row."""

    asked: Asked
    keys: Sequence[str]


async def read_weeks(
    store: FigureStore, decision: DecisionRow, measure: Measure, compared: Compared, now: datetime
) -> WeeksOfSeries | None:
    """Every series with a case, week by week from the decision's day; None where its own has none, or nothing is
    beside it. `now`: of the region."""
    assert decision.started_on is not None
    measure, filters = at_end(measure, compared.filters)
    mean = is_mean(measure)
    total, size = (measure.expression, "1") if not mean else ("", "")
    if measure.comparison is not None:
        total, size = measure.comparison.total, measure.comparison.size if mean else "1"
    week = f"floor((CAST({measure.dated_by} AS date) - CAST(:anchor AS date)) / 7.0)"
    question = Question(
        filters,
        base_of(filters, compared.dimension),
        {
            "key": DIMENSIONS[compared.dimension],
            "week": f"CAST({week} AS integer)",
            "total": f"CAST(coalesce({total}, 0) AS double precision)",
            "size": f"CAST({size} AS double precision)",
        },
        groups=2,
        narrowed=f"{measure.dated_by} IS NOT NULL",
        parameters={
            "anchor": decision.started_on,
            **({"as_of": int(now.timestamp())} if measure.knows_time else {}),
        },
        dated_by=measure.dated_by,
    )
    found = [each for each in await store.ask(_WeekOfSeries, question) if each.key is not None]
    return _table(decision, measure, compared, found, weeks_after(decision.started_on, now.date()))


def _table(
    decision: DecisionRow, measure: Measure, compared: Compared, found: list[_WeekOfSeries], after: int
) -> WeeksOfSeries | None:
    # The first week of all is hardly ever whole.
    first = max(min((each.week for each in found), default=0) + 1, -WEEKS_BEFORE)
    mean = is_mean(measure)
    keys = _largest(found, compared.key, mean)
    if len(keys) < 2 or keys[0] != compared.key or first >= 0:
        return None
    totals = [[0.0] * (after - first) for _ in keys]
    sizes = [[0.0 if mean else 1.0] * (after - first) for _ in keys]
    rows = {key: row for row, key in enumerate(keys)}
    for each in found:
        row, week = rows.get(each.key or ""), each.week - first
        if row is not None and 0 <= week < after - first:
            totals[row][week] = each.total
            sizes[row][week] = each.size
    better = measure.comparison.better if measure.comparison else "low"
    scale: Scale = "log_mean" if is_ratio(measure) else "mean" if mean else "count"
    return WeeksOfSeries(Asked(scale, better, -first, 0, [], totals, sizes), keys)


def _largest(found: list[_WeekOfSeries], own: str, mean: bool) -> list[str]:
    """The decision's own series, if it has a case, then the others by their cases."""
    cases: dict[str, float] = {}
    for each in found:
        cases[each.key or ""] = cases.get(each.key or "", 0.0) + (each.size if mean else each.total)
    return sorted(cases, key=lambda key: (key != own, -cases[key], key))[:MOST_SERIES]


async def leave_decided_out(
    session: AsyncSession, decision: DecisionRow, compared: Compared, weeks: WeeksOfSeries
) -> WeeksOfSeries:
    """Series with decisions of their own in the same weeks say nothing of how things go by themselves."""
    assert decision.started_on is not None
    decided = await column(
        session,
        str,
        _SIBLINGS.format(key=_KEYS[compared.dimension]),
        region=decision.region,
        id=decision.id,
        topic=decision.topic,
        since=decision.started_on - timedelta(days=7 * weeks.asked.week),
        until=decision.started_on + timedelta(days=7 * 12),
    )
    rows = [row for row, key in enumerate(weeks.keys) if row != weeks.asked.row and key in set(decided)]
    return replace(weeks, asked=replace(weeks.asked, kept_out=rows))
