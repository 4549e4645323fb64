"""What was waiting at the end of a day, counted naively case by case, in both stores; and what happens at the ends of months."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, TypeVar

from chassis.db import open_all_rows
from contracts.intake import AppealModerated, AppealWithdrawn
from contracts.routing import AssignmentCancelled, AssignmentRedirected
from services.analytics.figures.queries import read_breakdown, read_series
from services.analytics.figures.queries.lines import SeriesQuery
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.store.queries.stores import FactStore, FigureStore, Population
from services.analytics.store.rules.filters import EVERYTHING, Filter
from services.analytics.store.rules.periods import Grain, Period
from services.analytics.store.rules.questions import Question
from services.analytics.store.rules.sources import Dimension
from tests.analytics.arithmetic import KEYS, Counted, appeals_counted, assignments_counted
from tests.analytics.conftest import Project
from tests.analytics.copying import Copied
from tests.analytics.histories import BODIES, ZONES
from tests.analytics.stories import events_of, live_cases

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
STOCK = MEASURES["unanswered_at_end"]
FROM, TO = date(2026, 9, 20), date(2026, 11, 10)


def closed_at(one: Counted) -> datetime | None:
    """When it stopped waiting for its first answer."""
    events = one.case.events
    if one.task is not None:
        ends = [
            event.redirected_at if isinstance(event, AssignmentRedirected) else event.cancelled_at
            for event in events
            if isinstance(event, AssignmentRedirected | AssignmentCancelled)
            and event.assignment_id == one.task.id
        ]
    else:
        ends = [event.withdrawn_at for event in events if isinstance(event, AppealWithdrawn)]
        decided = [event for event in events if isinstance(event, AppealModerated)]
        if decided and decided[-1].decision == "reject":
            ends.append(decided[-1].moderated_at)
    return min((at for at in (*ends, one.answered_at) if at is not None), default=None)


def waiting(counted: list[Counted], until: date) -> int:
    """How many at the beginning of a local day."""

    def waits(one: Counted) -> bool:
        closed, zone = closed_at(one), ZONES[one.case.region]
        return one.case.local.date() < until and (closed is None or closed.astimezone(zone).date() >= until)

    return sum(waits(one) for one in counted)


def ends_of(grain: Grain, period: tuple[date, date]) -> list[date]:
    """Where the steps of a period end."""
    days = [period[0] + timedelta(days=each) for each in range(1, (period[1] - period[0]).days)]
    starts = [
        day for day in days if grain == "day" or (day.weekday() == 0 if grain == "week" else day.day == 1)
    ]
    return [*starts, period[1]]


async def test_stocks_are_those_of_naive_counting(projected: Project, copied: Copied) -> None:
    """By day, week and month, as a whole and by groups, of appeals and of an organisation's assignments."""
    cases = live_cases(Random(77), 80)
    await projected(events_of(cases))
    await copied.begin()
    period = Period(FROM, TO)
    asked: list[tuple[Filter, Dimension | None, list[Counted]]] = [
        (Filter(None, EVERYTHING, period), None, appeals_counted(cases)),
        (
            Filter("25", EVERYTHING, period),
            "channel",
            appeals_counted([c for c in cases if c.region == "25"]),
        ),
        (
            Filter(None, EVERYTHING, period, organisation=BODIES[0].id),
            None,
            assignments_counted(cases, BODIES[0].id),
        ),
        (Filter(None, EVERYTHING, period), "organisation", assignments_counted(cases)),
    ]
    async with copied.source.sessions() as session:
        await open_all_rows(session)
        for store in (FactStore(session), copied.store(session)):
            for filters, dimension, counted in asked:
                for grain in ("day", "week", "month"):
                    lines = await read_series(store, filters, SeriesQuery(STOCK, grain, dimension))
                    for line in lines:
                        of_line = [
                            one for one in counted if dimension is None or KEYS[dimension](one) == line.key
                        ]
                        values = [point.value for point in line.points]
                        assert values == [waiting(of_line, end) for end in ends_of(grain, (FROM, TO))]
                    assert sum(line.points[-1].value or 0 for line in lines) == waiting(counted, TO)


async def test_a_breakdown_shows_the_stock_at_the_end_of_the_period_and_of_the_one_before(
    projected: Project, copied: Copied
) -> None:
    """Whenever it came; with an open end what is waiting now."""
    cases = live_cases(Random(78), 60)
    await projected(events_of(cases))
    await copied.begin()
    counted = appeals_counted(cases)
    async with copied.source.sessions() as session:
        await open_all_rows(session)
        for store in (FactStore(session), copied.store(session)):
            items = await read_breakdown(store, Filter(None, EVERYTHING, Period(FROM, TO)), STOCK, "region")
            for item in items:
                theirs = [one for one in counted if one.case.region == item.key]
                assert (item.value, item.previous) == (waiting(theirs, TO), waiting(theirs, FROM))
            now = await read_breakdown(store, Filter(None, EVERYTHING, Period()), STOCK, "region")
            assert sum(item.value or 0 for item in now) == sum(closed_at(one) is None for one in counted)


class Counting:
    """A store that says how many rows its answers have."""

    def __init__(self, store: FigureStore) -> None:
        self._store = store
        self.rows = 0

    async def ask(self, kind: type[R], question: Question) -> list[R]:
        found = await self._store.ask(kind, question)
        self.rows += len(found)
        return found

    async def find_names(
        self, kind: str, keys: Sequence[str], regions: Sequence[str] | None
    ) -> Mapping[str, str]:
        return await self._store.find_names(kind, keys, regions)

    async def find_populations(self, regions: Sequence[str] | None) -> Sequence[Population]:
        return await self._store.find_populations(regions)


async def test_the_past_of_a_day_is_one_sum(projected: Project, copied: Copied) -> None:
    """However many hours there have been: a day by hours is read as no more numbers than are drawn."""
    cases = live_cases(Random(79), 120)
    await projected(events_of(cases))
    await copied.begin()
    day = date(2026, 10, 15)
    filters = Filter(None, EVERYTHING, Period(day, day + timedelta(days=1)))
    counted = appeals_counted(cases)
    async with copied.source.sessions() as session:
        await open_all_rows(session)
        for store in (Counting(FactStore(session)), Counting(copied.store(session))):
            (line,) = await read_series(store, filters, SeriesQuery(STOCK, "hour", None))
            assert line.points[-1].value == waiting(counted, day + timedelta(days=1)) > 0
            assert len(line.points) == 24
            assert store.rows <= 2 * len(line.points)
            nobody = Filter("59", EVERYTHING, Period(day, None))
            assert (await read_series(store, nobody, SeriesQuery(STOCK, "hour", "topic"))) == []
            (empty,) = await read_series(store, nobody, SeriesQuery(STOCK, "hour", None))
            assert empty.points == []
