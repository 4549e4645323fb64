"""A person says what a problem is taken for."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from chassis.db import insert_rows
from chassis.moments import utc_now
from chassis.principals import Principal
from chassis.problems import NotAllowedNow, NotFound, Unprocessable
from chassis.versions import require_version
from services.analytics.facts.rules.projections import local_time
from services.analytics.problems.actions.announcing import announce_problem
from services.analytics.problems.actions.registering import update_problems
from services.analytics.problems.queries.register import find_problem, show
from services.analytics.problems.rules.reasons import NAMES_SOMEBODY, names_somebody
from services.analytics.problems.rules.states import may_become
from services.analytics.problems.schemas import ProblemDecision, ProblemItem
from services.analytics.tables.problems import ProblemChange, ProblemRow, problem_change


@dataclass(frozen=True, slots=True)
class DecisionRequest:
    """Who decides about which problem, in the version it was seen in."""

    principal: Principal
    problem_id: UUID
    expected_version: int


async def decide_problem(
    session: AsyncSession, request: DecisionRequest, body: ProblemDecision
) -> ProblemItem:
    """As it is then. 409 when it cannot become that now, 422 where a reason is missing or names somebody."""
    _require_reason(body)
    found, target = await _lock(session, request, body.into)
    require_version(found.version, request.expected_version)
    if not may_become(found.state, body.state):
        raise NotAllowedNow(
            "It is {state} and cannot become {wanted}.", values={"state": found.state, "wanted": body.state}
        )
    if body.into is not None:
        _require_target(found, body.into, target)
    at = utc_now()
    decided = replace(
        found,
        state=body.state,
        state_on=local_time(found.region, at).date(),
        merged_into=body.into,
        version=found.version + 1,
    )
    await update_problems(session, [decided])
    change = ProblemChange(
        region=found.region,
        problem_id=found.id,
        version=decided.version,
        municipality=found.municipality,
        state=body.state,
        reason=body.reason,
        merged_into=body.into,
        client_id=request.principal.client_id,
        person=request.principal.person,
        changed_at=at,
    )
    await insert_rows(session, problem_change, [change])
    await announce_problem(session, decided)
    (item,) = await show(session, [decided])
    return item


def _require_reason(body: ProblemDecision) -> None:
    """Dismissing needs one, or the problem it belongs to; only who dismisses names that."""
    reason = (body.reason or "").strip()
    wrong: list[tuple[str, str]] = []
    if body.state == "dismissed" and not reason and body.into is None:
        wrong.append(("/reason", "say why it is none, or which problem it belongs to (`into`)"))
    if body.into is not None and body.state != "dismissed":
        wrong.append(("/into", "what belongs to another problem is dismissed here"))
    if names_somebody(reason):
        wrong.append(("/reason", NAMES_SOMEBODY))
    _refuse(wrong)


async def _lock(
    session: AsyncSession, request: DecisionRequest, into: UUID | None
) -> tuple[ProblemRow, ProblemRow | None]:
    """The problem, and the one it shall be part of if there is one within reach: in one order for all, so that of two who make each
    the other's part the second sees what the first has done."""
    locked: dict[UUID, ProblemRow] = {}
    for each in sorted({request.problem_id} if into is None else {request.problem_id, into}):
        with suppress(NotFound):
            locked[each] = await find_problem(session, request.principal, each, locked=True)
    if request.problem_id not in locked:
        raise NotFound
    return locked[request.problem_id], None if into is None else locked.get(into)


def _require_target(found: ProblemRow, into: UUID, target: ProblemRow | None) -> None:
    """Another problem of the region within reach, which is none of its own parts."""
    if into == found.id:
        _refuse([("/into", "a problem is no part of itself")])
    if target is None or target.region != found.region or target.merged_into is not None:
        _refuse([("/into", "there is no such problem of this region, or it is itself part of another")])


def _refuse(wrong: list[tuple[str, str]]) -> None:
    if wrong:
        errors = [{"pointer": pointer, "message": message} for pointer, message in wrong]
        raise Unprocessable("See errors.", errors=errors)
