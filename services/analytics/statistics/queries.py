"""The rows that statistics are made of, read through the store a week at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.analytics.statistics.rules.messages import CountedRows
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Question

_WEEK: Final = timedelta(days=7)
# What a planned work's notice answered is known and no trouble; what has no topic is no series.
TROUBLE: Final = "topic IS NOT NULL AND NOT by_work"


@dataclass(frozen=True, slots=True)
class _Row:
    second: int
    topic: str
    municipality: str | None
    cell: int | None
    channel: str | None


@dataclass(frozen=True, slots=True)
class _Number:
    number: int


async def read_rows(store: FigureStore, region: str, period: Period) -> AsyncIterator[CountedRows]:
    """Appeals of a region that may tell of trouble, in weekly parts. `period` has both ends."""
    assert period.start is not None
    assert period.end is not None
    start = period.start
    while start < period.end:
        end = min(start + _WEEK, period.end)
        rows = await store.ask(_Row, _question(region, Period(start, end)))
        yield CountedRows(
            [each.second for each in rows],
            [each.topic for each in rows],
            [each.municipality or "" for each in rows],
            [each.cell or 0 for each in rows],
            [each.channel or "" for each in rows],
        )
        start = end


async def count_rows(store: FigureStore, region: str, end: date) -> int:
    """Appeals of a region that came before a day, whatever they tell of."""
    filters = Filter(region, EVERYTHING, Period(None, end))
    (counted,) = await store.ask(_Number, Question(filters, "appeal", {"number": "count(*)"}))
    return counted.number


def _question(region: str, period: Period) -> Question:
    return Question(
        Filter(region, EVERYTHING, period),
        "appeal",
        {
            "second": "CAST(floor(date_part('epoch', received_local)) AS bigint)",
            "topic": "topic",
            "municipality": "left(municipality, 8)",
            "cell": "cell",
            "channel": "channel",
        },
        narrowed=TROUBLE,
    )
