"""A problem after what was found of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from services.analytics.statistics.rules.messages import Finding
from services.analytics.tables.problems import ProblemKind, ProblemRow

QUIET: Final = timedelta(days=14)
LASTING: Final[frozenset[ProblemKind]] = frozenset({"chronic", "slow_organisation", "reopenings"})
QUIET_LASTING: Final = timedelta(days=35)  # of what is looked at by weeks and months


def raised(region: str, problem_id: UUID, finding: Finding, today: date, follows: UUID | None) -> ProblemRow:
    """A problem that nobody knew."""
    return ProblemRow(
        region=region,
        id=problem_id,
        kind=finding.kind,
        topic=finding.topic,
        municipality=finding.municipality,
        lat=finding.lat,
        lon=finding.lon,
        radius_m=finding.radius_m,
        organisation_id=finding.organisation_id,
        started_on=finding.started_on,
        detected_on=finding.detected_on,
        last_on=finding.last_on,
        observed=finding.observed,
        expected=finding.expected,
        p_value=finding.p_value,
        q_value=finding.q_value,
        strength=finding.strength,
        state="new",
        state_on=today,
        evidence_count=0,
        follows=follows,
        merged_into=None,
        baseline_from=finding.baseline_from,
        baseline=finding.baseline,
        is_quiet=False,
        version=1,
    )


def extended(problem: ProblemRow, finding: Finding) -> ProblemRow:
    """It goes on; its numbers are those of when it was worst."""
    known_from, baseline = _joined_baseline(problem, finding)
    longer = replace(
        problem,
        started_on=min(problem.started_on, finding.started_on),
        last_on=max(problem.last_on, finding.last_on),
        baseline_from=known_from,
        baseline=baseline,
    )
    if finding.strength <= problem.strength:
        return longer
    return replace(
        longer,
        observed=finding.observed,
        expected=finding.expected,
        p_value=finding.p_value,
        q_value=finding.q_value,
        strength=finding.strength,
    )


def again(problem: ProblemRow, finding: Finding, today: date) -> ProblemRow:
    """Somebody has dismissed it, and should look again."""
    return replace(extended(problem, finding), state="new", state_on=today, version=problem.version + 1)


def quietened(problem: ProblemRow, last_day: date) -> ProblemRow:
    """With whether it is still to be seen. `last_day`: that has been looked at."""
    after = QUIET_LASTING if problem.kind in LASTING else QUIET
    return replace(problem, is_quiet=problem.last_on + after < last_day)


def _joined_baseline(problem: ProblemRow, finding: Finding) -> tuple[date | None, list[float]]:
    """What was expected earlier, then what is expected by the newer look; that alone where they do not meet."""
    if problem.baseline_from is None or finding.baseline_from is None:
        return finding.baseline_from or problem.baseline_from, finding.baseline or problem.baseline
    earlier = (finding.baseline_from - problem.baseline_from).days
    if not 0 <= earlier <= len(problem.baseline):
        return finding.baseline_from, finding.baseline
    return problem.baseline_from, [*problem.baseline[:earlier], *finding.baseline]
