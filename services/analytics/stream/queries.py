"""Figures of today, by the registry's own expressions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from contracts.territories import REGIONS
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter, base_of
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Question
from services.analytics.stream.rules import TodaysFigures, region_of

COUNTED: Final = ("received", "answered", "breached", "backlog")


@dataclass(frozen=True, slots=True)
class _Counts:
    received: int
    answered: int
    breached: int
    backlog: int


async def count_today(
    store: FigureStore, audience: Filter, day: date, as_of: datetime | None
) -> TodaysFigures:
    """What the summary says of the day, in the same scope. Everywhere means all regions by name: by region and day the facts
    are found by index, and a day is little."""
    filters = audience.during(Period(day, day + timedelta(days=1)))
    if filters.regions is None:
        filters = replace(filters, scope=replace(filters.scope, regions=tuple(sorted(REGIONS))))
    columns = {key: MEASURES[key].expression for key in COUNTED}
    (found,) = await store.ask(_Counts, Question(filters, base_of(filters), columns))
    return TodaysFigures(
        region=region_of(audience),
        municipality=audience.municipality,
        organisation=audience.organisation,
        day=day,
        received=found.received,
        answered=found.answered,
        breached=found.breached,
        backlog=found.backlog,
        as_of=as_of,
    )
