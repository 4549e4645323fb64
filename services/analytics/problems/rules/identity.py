"""Whether what was found is a problem that is known, one that has come back, or a new one (ADR 38)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Generic, Literal, TypeVar
from uuid import UUID

from services.analytics.problems.rules.known import KnownProblem
from services.analytics.statistics.rules.messages import Finding

JOINED: Final = timedelta(days=14)  # a pause that one problem may have
SILENT: Final = timedelta(days=28)  # after somebody has dismissed it
GROWN: Final = 1.5  # times its strength: so much worse, and who dismissed it should see it again
EARTH: Final = 6_371_008.8  # metres, mean radius
P = TypeVar("P", bound=KnownProblem)
Outcome = Literal["raise", "extend", "again", "silent"]


@dataclass(frozen=True, slots=True)
class Verdict(Generic[P]):
    """What becomes of a finding. `problem`: the one that is extended, or comes back to people (`again`), or that a new one
    follows."""

    outcome: Outcome
    problem: P | None = None


def decide(finding: Finding, known: Sequence[P], today: date, fresh_from: date) -> Verdict[P]:
    """`known`: problems of the region. A finding of a day before `fresh_from` extends what is known and raises nothing."""
    alike = [each for each in known if is_alike(each, finding)]
    if not alike:
        return Verdict("raise") if finding.detected_on >= fresh_from else Verdict("silent")
    latest = max(alike, key=lambda each: (each.merged_into is None, each.last_on, each.id))
    problem = _merged(latest, {each.id: each for each in known})
    joined = _is_joined(problem, finding)
    if problem.state == "dismissed" and (joined or today < problem.state_on + SILENT):
        return _of_dismissed(finding, problem, today)
    if joined and (problem.state != "solved" or finding.last_on <= problem.state_on):
        return Verdict("extend", problem)
    if finding.detected_on < fresh_from or finding.detected_on <= _end_of(problem):
        return Verdict("silent")
    return Verdict("raise", problem if problem.state == "solved" else None)


def is_alike(problem: KnownProblem, finding: Finding) -> bool:
    """Of the same kind, topic, organisation and place, whenever."""
    if (problem.kind, problem.topic, problem.organisation_id) != (
        finding.kind,
        finding.topic,
        finding.organisation_id,
    ):
        return False
    if finding.lat is None or finding.lon is None or problem.lat is None or problem.lon is None:
        return problem.municipality == finding.municipality
    reach = max(problem.radius_m or 0, finding.radius_m or 0)
    return metres_between(problem.lat, problem.lon, finding.lat, finding.lon) <= reach


def metres_between(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """On a sphere, flat nearby: true to a thousandth within a region."""
    east = math.radians(other_lon - lon) * math.cos(math.radians((lat + other_lat) / 2))
    return EARTH * math.hypot(math.radians(other_lat - lat), east)


def _is_joined(problem: KnownProblem, finding: Finding) -> bool:
    return finding.started_on <= problem.last_on + JOINED and finding.last_on >= problem.started_on - JOINED


def _end_of(problem: KnownProblem) -> date:
    """Until when findings speak of what was there then."""
    return problem.state_on if problem.state == "solved" else problem.last_on


def _of_dismissed(finding: Finding, problem: P, today: date) -> Verdict[P]:
    """Silent for four weeks, unless it has grown by half again; it has to go on, too."""
    if finding.last_on < problem.last_on:
        return Verdict("silent")
    if finding.strength >= GROWN * problem.strength:
        return Verdict("again", problem)
    goes_on = finding.last_on > problem.state_on
    return Verdict("again", problem) if goes_on and today >= problem.state_on + SILENT else Verdict("silent")


def _merged(problem: P, known: Mapping[UUID, P]) -> P:
    """What a person takes it for."""
    seen = {problem.id}
    while problem.merged_into is not None and problem.merged_into not in seen:
        seen.add(problem.merged_into)
        problem = known.get(problem.merged_into, problem)
    return problem
