"""Counting a month as it is published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.rules.measures.measure import count_of
from services.analytics.public.rules.cells import FINEST, CellCount, Cells, publish_cells
from services.analytics.public.rules.figures import Counts, MonthFigures, publish
from services.analytics.public.rules.months import month_after
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.cells import parent_expression
from services.analytics.store.rules.filters import Filter, Scope
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import DIMENSIONS

_COLUMNS: Final = {
    "received": MEASURES["received"].expression,
    "answered": MEASURES["answered"].expression,
    "decided": count_of(MEASURES["in_time_share"].members),
    "late": count_of(f"({MEASURES['in_time_share'].members}) AND breached"),
    "rated": "coalesce(sum(score_count), 0)::bigint",
    "scores": "coalesce(sum(score_sum), 0)::bigint",
    "median_hours": MEASURES["median_hours_to_answer"].expression,
}
_STORED: Final = """
SELECT month, figures::text AS figures, cells::text AS cells, as_of FROM analytics.public_release
WHERE region = :region AND month = ANY(:months)
"""


@dataclass(frozen=True, slots=True)
class StoredRelease:
    """What was published of a month; figures and cells are JSON."""

    month: date
    figures: str
    cells: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Release:
    """What is published of a month, and the moment it is known to hold everything before; null: it is not published yet."""

    month: date
    figures: MonthFigures
    cells: Cells
    as_of: datetime | None


async def read_stored(session: AsyncSession, region: str, months: Sequence[date]) -> list[StoredRelease]:
    """Those of these months that have been published."""
    return await rows(session, StoredRelease, _STORED, region=region, months=list(months))


def everything_of(region: str, month: date | None = None) -> Filter:
    """Everything of a region, or of one month of it: nobody's scope, for it is for everybody."""
    period = Period() if month is None else Period(month, month_after(month))
    return Filter(region, Scope((region,), None, None), period)


async def count_month(store: FigureStore, region: str, month: date, as_of: datetime) -> Release:
    """What may be published of it."""
    filters = everything_of(region, month)
    (whole,) = await _count(store, filters, "NULL::text", groups=0)
    groups = await _count(store, filters, DIMENSIONS["group"])
    municipalities = await _count(store, filters, DIMENSIONS["municipality"])
    figures = publish(whole, groups, municipalities)
    cells = await store.ask(
        CellCount,
        Question(
            filters,
            "appeal",
            {
                "municipality": DIMENSIONS["municipality"],
                "cell": parent_expression("f.cell", FINEST),
                "received": "count(*)",
            },
            groups=2,
            narrowed="f.cell IS NOT NULL",
        ),
    )
    shown = {part.key: part.received for part in figures.municipalities}
    return Release(month, figures, publish_cells(cells, shown), as_of)


async def _count(store: FigureStore, filters: Filter, key: str, groups: int = 1) -> list[Counts]:
    return await store.ask(Counts, Question(filters, "appeal", {"key": key, **_COLUMNS}, groups=groups))
