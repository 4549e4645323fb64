"""Decisions and problems of a report's territory: registers of their own, each asked in one place."""

from __future__ import annotations

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import rows
from services.analytics.decisions.schemas import DecisionView
from services.analytics.problems.queries.register import show
from services.analytics.problems.rules.explaining import NAMES
from services.analytics.problems.schemas import ProblemItem
from services.analytics.reports.rules.gathered import DecisionLine, ProblemLine
from services.analytics.store.rules.filters import Filter
from services.analytics.tables.decisions import DecisionRow
from services.analytics.tables.problems import ProblemRow

MOST: Final = 30
# The newest, of those that were there in the period; a planned one is of every period.
_DECISIONS: Final = """
SELECT * FROM analytics.decision d WHERE (:regions::text[] IS NULL OR d.region = ANY(:regions::text[]))
    AND (:within::text[] IS NULL OR d.municipality ^@ ANY (:within::text[]))
    AND (:municipality::text IS NULL OR d.municipality = :municipality::text)
    AND (:organisation::uuid IS NULL OR d.organisation_id = :organisation::uuid)
    AND (:topic::text IS NULL OR d.topic = :topic::text) AND (:topic_group::text IS NULL OR d.topic_group = :topic_group::text)
    AND (:until::date IS NULL OR coalesce(d.started_on, d.created_at::date) < :until::date) AND d.state <> 'dropped'
ORDER BY d.id DESC LIMIT :most
"""
_PROBLEMS: Final = """
SELECT * FROM analytics.problem p WHERE (:regions::text[] IS NULL OR p.region = ANY(:regions::text[]))
    AND (:within::text[] IS NULL OR p.municipality ^@ ANY (:within::text[]))
    AND (:municipality::text IS NULL OR p.municipality = :municipality::text)
    AND (:organisation::uuid IS NULL OR p.organisation_id = :organisation::uuid)
    AND (:topic::text IS NULL OR p.topic = :topic::text) AND :topic_group::text IS NULL
    AND (:since::date IS NULL OR p.last_on >= :since::date) AND (:until::date IS NULL OR p.started_on < :until::date)
    AND p.state <> 'dismissed' AND p.merged_into IS NULL
ORDER BY p.last_on DESC, p.id DESC LIMIT :most
"""


async def read_decision_lines(session: AsyncSession, filters: Filter) -> list[DecisionLine]:
    """Those of the territory within reach (row security closes them to organisations)."""
    found = await rows(
        session,
        DecisionRow,
        _DECISIONS,
        **_territory(filters),
        until=filters.period.end,
        most=MOST,
    )
    return [_line(DecisionView.of(each)) for each in found]


def _territory(filters: Filter) -> dict[str, object]:
    """Parameters that both registers are asked with."""
    return {
        "regions": None if filters.regions is None else list(filters.regions),
        "within": None if filters.scope.municipalities is None else list(filters.scope.municipalities),
        "municipality": filters.whole_municipality,
        "organisation": filters.organisation,
        "topic": filters.topic,
        "topic_group": filters.group,
    }


def _line(decision: DecisionView) -> DecisionLine:
    effect = decision.effect
    return DecisionLine(
        decision.title,
        decision.owner,
        decision.state,
        decision.due_on,
        None if effect is None else effect.estimate,
        None if effect is None else effect.low,
        None if effect is None else effect.high,
        effect is not None and effect.relative,
        effect is not None and effect.worked,
        decision.effect_note,
    )


async def read_problem_lines(session: AsyncSession, filters: Filter) -> list[ProblemLine]:
    """Those of the territory within reach that went on in the period, but for what somebody dismissed or took for another."""
    found = await rows(
        session,
        ProblemRow,
        _PROBLEMS,
        **_territory(filters),
        since=filters.period.start,
        until=filters.period.end,
        most=MOST,
    )
    return [_problem_line(each) for each in await show(session, found)]


def _problem_line(problem: ProblemItem) -> ProblemLine:
    place = problem.place.municipality_name if problem.place else None
    organisation = problem.organisation.name if problem.organisation else None
    about = [each for each in (problem.topic_name or problem.topic, place, organisation) if each]
    return ProblemLine(
        ": ".join([NAMES[problem.kind], *([", ".join(about)] if about else [])]),
        problem.state,
        problem.started_on,
        problem.observed,
        problem.expected,
    )
