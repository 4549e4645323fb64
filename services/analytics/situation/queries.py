"""A region at one glance: each part by the very query that answers for it alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.cursors import Cursors
from chassis.pages import PageRequest
from chassis.principals import Principal
from services.analytics.comparison.queries import read_ranking
from services.analytics.comparison.schemas import RankingItem
from services.analytics.decisions.queries.decisions import DecisionFilter, list_decisions
from services.analytics.digest.rules.days import WEEKS, counts_on, level_of, like_days, usual_of
from services.analytics.figures.queries import (
    find_names,
    read_breakdown,
    read_figures,
    read_previous_figures,
    read_series,
    read_values,
)
from services.analytics.figures.queries.lines import SeriesQuery
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.schemas import BreakdownItem, Figures
from services.analytics.forecasts.queries import ForecastQuestion, read_forecasts
from services.analytics.forecasts.schemas import ForecastItem
from services.analytics.problems.queries.register import ProblemFilter, list_strongest
from services.analytics.problems.schemas import ProblemItem
from services.analytics.reports.queries.gathering import subject_of
from services.analytics.situation.rules.order import worst_first
from services.analytics.situation.schemas import LateOrganisation, Situation, SituationDay, UsualDay
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter
from services.analytics.store.rules.periods import Period, today_in
from services.analytics.store.rules.sources import Dimension
from services.analytics.tables.problems import ProblemState

HORIZON: Final = 7
# The eight weeks that the last whole day is compared with, that day, and today.
DAYS_BEFORE: Final = WEEKS * timedelta(days=7) + timedelta(days=2)
MOST_PROBLEMS: Final = 12
MOST_DECISIONS: Final = 8
RECEIVED: Final = "received"
KEPT: Final = "in_time_share"
OVERDUE: Final = "breached_open"
_DAY: Final = timedelta(days=1)
_WAITING: Final[tuple[ProblemState, ...]] = ("new", "confirmed")


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose situation is asked for. `filters` name the region; `now`: the instant of asking; `as_of`: when facts were whole last;
    `known_until`: the same in seconds since 1970; `by`: what it is parted by."""

    principal: Principal
    cursors: Cursors
    filters: Filter
    region: str
    now: datetime
    as_of: datetime | None
    known_until: int
    by: Dimension | None

    @property
    def page(self) -> PageRequest:
        """The first few of a list."""
        return PageRequest(self.cursors, "", MOST_PROBLEMS)


async def read_situation(session: AsyncSession, store: FigureStore, asked: Asked) -> Situation:
    """All parts, of the same moment."""
    filters, days = asked.filters, await _read_days(store, asked)
    return Situation(
        region=asked.region,
        start=filters.period.start,
        end=filters.period.end,
        as_of=asked.as_of,
        subject=await subject_of(store, filters),
        figures=await read_figures(store, filters),
        previous=await read_previous_figures(store, filters),
        days=days,
        last_day=_last_day(days),
        late=await _read_late(store, asked),
        problems=await _read_problems(session, asked),
        forecast=await _read_forecast(session, asked),
        decisions=(await list_decisions(session, asked.principal, _decisions_of(filters), asked.page)).items[
            :MOST_DECISIONS
        ],
        parts=await _read_parts(store, asked),
        definition={key: MEASURES[key].definition for key in (*Figures.model_fields, OVERDUE)},
    )


async def _read_days(store: FigureStore, asked: Asked) -> list[SituationDay]:
    """Up to today, which is not over."""
    tomorrow = today_in(asked.region, asked.now) + _DAY
    filters = asked.filters.during(Period(tomorrow - DAYS_BEFORE, tomorrow))
    wanted = SeriesQuery(MEASURES[RECEIVED], "day", None, asked.known_until)
    (line,) = await read_series(store, filters, wanted)
    return [SituationDay(day=point.at.date(), received=int(point.value or 0)) for point in line.points]


async def _read_parts(store: FigureStore, asked: Asked) -> list[BreakdownItem] | None:
    if asked.by is None:
        return None
    return await read_breakdown(store, asked.filters, MEASURES[RECEIVED], asked.by, asked.known_until)


def _last_day(days: Sequence[SituationDay]) -> UsualDay:
    """The one before today."""
    counts = {each.day: each.received for each in days}
    last: date = days[-1].day - _DAY
    first = min((day for day, count in counts.items() if count), default=None)
    usual = usual_of(counts_on(like_days(last), counts, first))
    return UsualDay(
        day=last,
        received=counts[last],
        level=level_of(counts[last], usual),
        expected=usual and usual.expected,
        low=usual and usual.low,
        high=usual and usual.high,
    )


async def _read_late(store: FigureStore, asked: Asked) -> list[LateOrganisation]:
    """Who has something overdue, or keeps deadlines worse than chance explains: the latter first, then by how much waits."""
    ranked = await read_ranking(store, asked.filters, MEASURES[KEPT], "organisation", asked.known_until)
    overdue = await read_values(store, asked.filters, MEASURES[OVERDUE], "organisation", asked.known_until)
    judged = {each.key: each for each in ranked}
    keys = sorted(
        {key for key, value in overdue.items() if key and value}
        | {each.key for each in ranked if each.flagged == "worse"}
    )
    names = await find_names(store, "organisation", keys, asked.filters)
    return worst_first(_late(key, names[key], int(overdue.get(key) or 0), judged.get(key)) for key in keys)


def _late(key: str, name: str, overdue: int, ranked: RankingItem | None) -> LateOrganisation:
    return LateOrganisation(
        key=key,
        name=name,
        overdue=overdue,
        in_time_share=ranked and ranked.value,
        expected=ranked and ranked.expected,
        low=ranked and ranked.low,
        high=ranked and ranked.high,
        flagged=ranked and ranked.flagged,
        sample=ranked.sample if ranked else 0,
    )


async def _read_problems(session: AsyncSession, asked: Asked) -> list[ProblemItem]:
    filters = asked.filters
    municipality = filters.whole_municipality
    wanted = ProblemFilter(asked.region, topic=filters.topic, municipality=municipality, quiet=False)
    found: list[ProblemItem] = []
    for state in _WAITING:
        of_state = replace(wanted, state=state)
        found += await list_strongest(session, asked.principal, of_state, MOST_PROBLEMS)
    return sorted(found, key=lambda each: -each.strength)


async def _read_forecast(session: AsyncSession, asked: Asked) -> list[ForecastItem]:
    """Of the region, or of the municipality or topic that is asked about; none where they are not foreseen by themselves."""
    filters = asked.filters
    municipality = filters.whole_municipality
    question = ForecastQuestion(
        asked.region, [asked.region], filters.scope, HORIZON, filters.topic, municipality
    )
    items = (await read_forecasts(session, question, asked.now)).items
    return [each for each in items if (each.topic, each.municipality) == (filters.topic, municipality)]


def _decisions_of(filters: Filter) -> DecisionFilter:
    return DecisionFilter(filters.region, topic=filters.topic, municipality=filters.whole_municipality)
