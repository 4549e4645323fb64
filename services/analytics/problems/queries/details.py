"""One problem with the days around it and what was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from chassis.principals import Principal
from services.analytics.problems.queries.evidence import count_days
from services.analytics.problems.queries.register import show
from services.analytics.problems.rules.explaining import explain
from services.analytics.problems.schemas import ProblemDay, ProblemDetails, ProblemHistoryItem
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import Scope
from services.analytics.store.rules.periods import Period
from services.analytics.tables.problems import ProblemChange, ProblemRow

AFTER: Final = timedelta(days=15)  # days behind its last one that are shown, that one included
MOST_DAYS: Final = 200
_DAY: Final = timedelta(days=1)
_CHANGES: Final = """
SELECT * FROM analytics.problem_change WHERE region = :region AND problem_id = :id ORDER BY version
"""


async def read_details(
    session: AsyncSession, store: FigureStore, principal: Principal, scope: Scope, problem: ProblemRow
) -> ProblemDetails:
    """As officials see it. Reasons are for those who decide: not for the federal centre."""
    (item,) = await show(session, [problem])
    changes = await rows(session, ProblemChange, _CHANGES, region=problem.region, id=problem.id)
    reads_reasons = principal.role != "federal"
    return ProblemDetails(
        **item.model_dump(),
        explanation=explain(problem),
        series=await _series(store, problem, scope),
        history=[_history_item(each, reads_reasons) for each in changes],
    )


async def _series(store: FigureStore, problem: ProblemRow, scope: Scope) -> list[ProblemDay]:
    """From the first day with an expectation to two weeks behind the last; none of organisations, whose measure is no count."""
    if problem.baseline_from is None:
        return []
    end = min(problem.last_on + AFTER, problem.baseline_from + MOST_DAYS * _DAY)
    counted = await count_days(store, problem, scope, Period(problem.baseline_from, end))
    expected = {problem.baseline_from + at * _DAY: value for at, value in enumerate(problem.baseline)}
    return _days(problem.baseline_from, end, counted, expected)


def _days(
    start: date, end: date, counted: Mapping[date, int], expected: Mapping[date, float]
) -> list[ProblemDay]:
    days = [start + at * _DAY for at in range((end - start).days)]
    last = max([*counted, *expected], default=start)
    return [
        ProblemDay(day=day, observed=counted.get(day, 0), expected=expected.get(day))
        for day in days
        if day <= last
    ]


def _history_item(change: ProblemChange, reads_reasons: bool) -> ProblemHistoryItem:
    return ProblemHistoryItem(
        state=change.state,
        at=change.changed_at,
        reason=change.reason if reads_reasons else None,
        merged_into=change.merged_into,
        client_id=change.client_id,
        person=change.person,
        version=change.version,
    )
