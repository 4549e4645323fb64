"""The appeals behind a problem: the condition they are counted, drawn and listed by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.pages import PageRequest
from services.analytics.comparison.queries import ANSWERED_BY_PEOPLE
from services.analytics.evidence.queries import read_evidence
from services.analytics.evidence.schemas import EvidenceItem
from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.rules.measures.measure import Measure, count_of
from services.analytics.problems.rules.places import cells_within
from services.analytics.statistics.queries import TROUBLE
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Filter, Scope, base_of
from services.analytics.store.rules.periods import Period
from services.analytics.store.rules.questions import Question
from services.analytics.tables.problems import ProblemKind, ProblemRow

MEASURED_BY: Final[Mapping[ProblemKind, str]] = {
    "slow_organisation": "median_hours_to_answer",
    "reopenings": "reopened",
}
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Number:
    number: int


@dataclass(frozen=True, slots=True)
class _OfDay:
    day: date
    number: int


def filter_of(problem: ProblemRow, scope: Scope, period: Period | None = None) -> Filter:
    """What it is about, within what an asker may see; in its own days unless others are given."""
    return Filter(
        region=problem.region,
        scope=scope,
        period=period or Period(problem.started_on, problem.last_on + _DAY),
        municipality=None if problem.lat is not None else problem.municipality,
        organisation=problem.organisation_id,
        topic=problem.topic,
    )


def measure_of(problem: ProblemRow) -> Measure:
    """What its appeals have in common beside the filter."""
    measure = MEASURES[MEASURED_BY.get(problem.kind, "received")]
    if problem.organisation_id is not None:
        return replace(measure, members=f"({measure.members}) AND {ANSWERED_BY_PEOPLE}")
    members = f"({TROUBLE}) AND {_within(problem)}"
    return replace(measure, members=members, expression=count_of(members))


def _within(problem: ProblemRow) -> str:
    if problem.lat is None or problem.lon is None:
        return "true"
    cells = cells_within(problem.lat, problem.lon, problem.radius_m or 0)
    return f"cell IN ({', '.join(map(str, cells)) or 'NULL'})"


async def count_evidence(store: FigureStore, problem: ProblemRow, scope: Scope) -> int:
    """How many appeals are behind it now."""
    filters = filter_of(problem, scope)
    members = measure_of(problem).members
    question = Question(filters, base_of(filters), {"number": "count(*)"}, narrowed=members)
    (found,) = await store.ask(_Number, question)
    return found.number


async def count_days(
    store: FigureStore, problem: ProblemRow, scope: Scope, period: Period
) -> dict[date, int]:
    """By day of a period: appeals of what it is about."""
    filters = filter_of(problem, scope, period)
    columns = {"day": "CAST(received_local AS date)", "number": "count(*)"}
    members = measure_of(problem).members
    found = await store.ask(_OfDay, Question(filters, base_of(filters), columns, groups=1, narrowed=members))
    return {each.day: each.number for each in found}


async def list_evidence(
    session: AsyncSession, problem: ProblemRow, scope: Scope, page: PageRequest, as_of: int
) -> tuple[list[EvidenceItem], str | None]:
    """A page of them, and the next cursor if there is more."""
    return await read_evidence(session, filter_of(problem, scope), measure_of(problem), page, as_of)
