"""What coordinators do: look through triage, correct, add a helping organisation, forward to one outside."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.moments import utc_now
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from services.routing.assignments.actions import triage
from services.routing.assignments.api.requests import CoordinatorCall
from services.routing.assignments.queries import assignments, waiting
from services.routing.assignments.schemas.acts import Correction, Forward, Forwarded, NewCoExecutor
from services.routing.assignments.schemas.assignments import AssignmentPage, AssignmentView, TriagePage
from services.routing.reference.schemas.types import RegionCode

router = Router(prefix="/api/v1", tags=["triage"])
Coordinator = Annotated[Principal, allowed("coordinator")]


@router.get("/triage")
async def list_triage(
    principal: Coordinator, session: Reading, page: Page, region: RegionCode | None = None
) -> TriagePage:
    """Assignments without an organisation, oldest first, with the reason and the system's proposal."""
    return await assignments.list_triage(session, principal, region, page)


@router.get("/unaccepted")
async def list_unaccepted(
    principal: Coordinator, session: Reading, page: Page, region: RegionCode | None = None
) -> AssignmentPage:
    """Assignments that their organisations have not accepted for longer than the region allows, the longest first."""
    return await waiting.list_unaccepted(session, principal, region, utc_now(), page)


@router.post("/assignments/{assignment_id}/correct", response_model=AssignmentView)
async def correct(call: CoordinatorCall, body: Correction) -> Response:
    """Set topic or organisation; with a topic alone the rules choose the organisation."""
    return await call.run(triage.correct_assignment, body)


@router.post("/appeals/{appeal_id}/assignments", response_model=AssignmentView, status_code=201)
async def add_co_executor(
    principal: Coordinator,
    session: Transaction,
    idempotency: Idempotent,
    appeal_id: UUID,
    body: NewCoExecutor,
) -> Response:
    """Give the question to one more, helping organisation."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: triage.add_co_executor(session, principal, appeal_id, body),
        status=201,
    )


@router.post("/appeals/{appeal_id}/forward", response_model=Forwarded)
async def forward_appeal(
    principal: Coordinator, session: Transaction, idempotency: Idempotent, appeal_id: UUID, body: Forward
) -> Response:
    """Send the appeal to an organisation outside the system: what is open here ends, and the citizen is told."""
    return await idempotency.run(
        session, principal, body, lambda: triage.forward_appeal(session, principal, appeal_id, body)
    )
