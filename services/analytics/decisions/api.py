"""Management decisions: who decided what about a problem, and what it changed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Depends
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.analytics.decisions.actions import deciding
from services.analytics.decisions.queries.decisions import DecisionFilter, read_decision
from services.analytics.decisions.queries.decisions import list_decisions as find_decisions
from services.analytics.decisions.schemas import (
    ChangedDecision,
    Code,
    DecisionDetail,
    DecisionPage,
    DecisionView,
    Municipality,
    NewDecision,
    OfState,
    RegionCode,
    Worked,
)

router = Router(prefix="/api/v1/analytics/decisions", tags=["decisions"])
Reader = Annotated[Principal, allowed("coordinator", "analyst", "federal")]
Writer = Annotated[Principal, allowed("coordinator", "analyst")]


async def _filters(
    region: RegionCode | None = None,
    state: OfState = None,
    problem: UUID | None = None,
    topic: Code | None = None,
    municipality: Municipality | None = None,
    worked: Worked = False,
) -> DecisionFilter:
    return DecisionFilter(region, state, problem, topic, municipality, worked)


@router.get("")
async def list_decisions(
    principal: Reader, session: Reading, filters: Annotated[DecisionFilter, Depends(_filters)], page: Page
) -> DecisionPage:
    """Decisions within reach, the newest first; with `worked` what has worked, the largest improvement first."""
    return await find_decisions(session, principal, filters, page)


@router.get("/{decision_id}")
async def show_decision(principal: Reader, session: Reading, decision_id: UUID) -> DecisionDetail:
    """One decision with the weeks it is judged by, what it was compared with, and its journal."""
    return await read_decision(session, principal, decision_id)


@router.post("", response_model=DecisionView, status_code=201)
async def make_decision(
    principal: Writer, session: Transaction, idempotency: Idempotent, body: NewDecision
) -> Response:
    """Record a decision. Once it runs it is judged by its `metric`, soon and then daily."""
    principal.require_region(body.region)
    return await idempotency.run(
        session, principal, body, lambda: deciding.make_decision(session, principal, body), status=201
    )


@router.patch("/{decision_id}")
async def change_decision(
    principal: Writer,
    session: Transaction,
    expected_version: ExpectedVersion,
    decision_id: UUID,
    body: ChangedDecision,
) -> DecisionView:
    """Change what is named. What it is judged by is fixed once it is done or dropped."""
    return await deciding.change_decision(session, principal, decision_id, expected_version, body)
