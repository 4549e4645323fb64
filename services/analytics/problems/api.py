"""The register of problems: what was found, why, in which appeals, and what people make of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.moments import utc_now
from chassis.pages import Page
from chassis.principals import Principal
from chassis.problems import Unprocessable
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.times import Day
from chassis.versions import ExpectedVersion
from contracts.territories import REGIONS
from services.analytics.figures.api import Store, scope_of
from services.analytics.figures.schemas import Code
from services.analytics.problems.actions.deciding import DecisionRequest, decide_problem
from services.analytics.problems.queries.details import read_details
from services.analytics.problems.queries.evidence import list_evidence
from services.analytics.problems.queries.register import ProblemFilter, find_problem, list_problems
from services.analytics.problems.schemas import (
    ProblemAppealPage,
    ProblemDecision,
    ProblemDetails,
    ProblemItem,
    ProblemPage,
)
from services.analytics.store.rules.filters import MUNICIPALITY_DIGITS
from services.analytics.tables.problems import ProblemKind, ProblemState

router = Router(prefix="/api/v1/analytics/problems", tags=["analytics"])
Reader = Annotated[Principal, allowed("coordinator", "analyst", "federal")]
Decider = Annotated[Principal, allowed("coordinator", "analyst")]


def read_filter(
    principal: Reader,
    region: Annotated[str | None, Query(pattern=r"^[0-9]{2}$")] = None,
    state: ProblemState | None = None,
    kind: ProblemKind | None = None,
    topic: Code | None = None,
    municipality: Annotated[str | None, Query(pattern=r"^[0-9]{8}([0-9]{3})?$")] = None,
    start: Annotated[Day | None, Query(alias="from")] = None,
    end: Annotated[Day | None, Query(alias="to")] = None,
    quiet: Annotated[bool | None, Query(description="Whether they have not gone on for two weeks.")] = None,
) -> ProblemFilter:
    """What a request asks for: 403 outside the token's reach, 422 for what makes no sense."""
    if region is not None:
        principal.require_region(region)
        if region not in REGIONS:
            raise Unprocessable("There is no such region.")
    if start is not None and end is not None and start >= end:
        raise Unprocessable("`from` must be before `to`.")
    whole = municipality and municipality[:MUNICIPALITY_DIGITS]
    return ProblemFilter(region, state, kind, topic, whole, start, end, quiet)


AskedProblems = Annotated[ProblemFilter, Depends(read_filter)]


@router.get("")
async def show_problems(principal: Reader, asked: AskedProblems, session: Reading, page: Page) -> ProblemPage:
    """Those found last first; `from` and `to` are days on which they were found."""
    return await list_problems(session, principal, asked, page)


@router.get("/{problem_id}")
async def show_problem(principal: Reader, session: Reading, store: Store, problem_id: UUID) -> ProblemDetails:
    """One of them: why it is one, the days around it beside what was expected, and what was made of it."""
    found = await find_problem(session, principal, problem_id)
    return await read_details(session, store, principal, scope_of(principal), found)


@router.get("/{problem_id}/appeals")
async def show_appeals(
    principal: Reader, session: Reading, page: Page, problem_id: UUID
) -> ProblemAppealPage:
    """The appeals behind it, without texts, the newest first; as many as `evidence_count` says, unless more have come since."""
    found = await find_problem(session, principal, problem_id)
    as_of = int(utc_now().timestamp())
    items, following = await list_evidence(session, found, scope_of(principal), page, as_of)
    return ProblemAppealPage(items=items, next_cursor=following)


@router.post("/{problem_id}/state", response_model=ProblemItem)
async def decide_about_problem(
    principal: Decider,
    session: Transaction,
    expected_version: ExpectedVersion,
    idempotency: Idempotent,
    problem_id: UUID,
    body: ProblemDecision,
) -> Response:
    """What it is taken for: confirmed, dismissed (with a reason, or as part of another), decided about, solved."""
    request = DecisionRequest(principal, problem_id, expected_version)
    return await idempotency.run(session, principal, body, lambda: decide_problem(session, request, body))
