"""What was found becomes problems, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, rows, update_rows
from chassis.moments import utc_now
from services.analytics.problems.actions.announcing import announce_problem
from services.analytics.problems.actions.keeping import again, extended, quietened, raised
from services.analytics.problems.queries.evidence import count_evidence
from services.analytics.problems.rules.identity import decide
from services.analytics.statistics.rules.messages import Finding
from services.analytics.store.queries.stores import FigureStore
from services.analytics.store.rules.filters import EVERYTHING
from services.analytics.tables.problems import ProblemChange, ProblemRow, problem, problem_change

_KNOWN: Final = """
SELECT * FROM analytics.problem WHERE region = :region AND (last_on >= :since OR state_on >= :since)
ORDER BY id FOR UPDATE
"""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in a region. `last_day`: that was looked at; `today`: by the region's clock; a finding of a day before
    `fresh_from` raises nothing; problems since `since` are compared with."""

    region: str
    findings: Sequence[Finding]
    since: date
    fresh_from: date
    last_day: date
    today: date


@dataclass
class _Register:
    """Problems while findings are added to them, by id."""

    known: dict[UUID, ProblemRow]
    raised: set[UUID] = field(default_factory=set)
    announced: set[UUID] = field(default_factory=set)

    def add(self, found: Findings, finding: Finding) -> None:
        """One finding, after those of earlier days."""
        verdict = decide(finding, list(self.known.values()), found.today, found.fresh_from)
        if verdict.outcome == "raise":
            follows = verdict.problem.id if verdict.problem else None
            new = raised(found.region, uuid7(), finding, found.today, follows)
            self.known[new.id] = new
            self.raised.add(new.id)
            self.announced.add(new.id)
        elif verdict.outcome == "extend" and verdict.problem is not None:
            self.known[verdict.problem.id] = extended(verdict.problem, finding)
        elif verdict.outcome == "again" and verdict.problem is not None:
            self.known[verdict.problem.id] = again(verdict.problem, finding, found.today)
            self.announced.add(verdict.problem.id)


async def register_findings(session: AsyncSession, store: FigureStore, found: Findings) -> list[ProblemRow]:
    """All of one look, in one transaction: what was raised, or came back, of all that is known."""
    before = {
        each.id: each
        for each in await rows(session, ProblemRow, _KNOWN, region=found.region, since=found.since)
    }
    register = _Register(dict(before))
    for finding in sorted(found.findings, key=lambda each: (each.detected_on, each.p_value)):
        register.add(found, finding)
    after = [quietened(each, found.last_day) for each in register.known.values()]
    changed = [each for each in after if before.get(each.id) != each]
    counted = [
        replace(each, evidence_count=await count_evidence(store, each, EVERYTHING)) for each in changed
    ]
    await _write(session, register, counted)
    announced = [each for each in counted if each.id in register.announced]
    for each in announced:
        await announce_problem(session, each)
    return announced


async def _write(session: AsyncSession, register: _Register, changed: Sequence[ProblemRow]) -> None:
    await insert_rows(session, problem, [each for each in changed if each.id in register.raised])
    await update_problems(session, [each for each in changed if each.id not in register.raised])
    at = utc_now()
    journal = [
        ProblemChange(
            region=each.region,
            problem_id=each.id,
            version=each.version,
            municipality=each.municipality,
            state=each.state,
            reason=None,
            merged_into=None,
            client_id=None,
            person=None,
            changed_at=at,
        )
        for each in changed
        if each.id in register.announced
    ]
    await insert_rows(session, problem_change, journal)


async def update_problems(session: AsyncSession, problems: Sequence[ProblemRow]) -> None:
    """Rows as they are now."""
    await update_rows(session, problem, problems, keys=("region", "id"))
