"""What coordinators do: look through triage, correct, add a helping body, forward to a body outside."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response

from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.resources import resources_of
from chassis.security import Principal, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.actions import corrections, forwarding
from services.routing.queries import assignments
from services.routing.schemas.acts import Correction, Forward, Forwarded, NewCoExecutor
from services.routing.schemas.assignments import AssignmentView, TriagePage
from services.routing.schemas.types import RegionCode

router = Router(prefix="/api/v1", tags=["triage"])
Coordinator = Annotated[Principal, allowed("coordinator")]


@router.get("/triage")
async def list_triage(
    principal: Coordinator,
    session: Reading,
    request: Request,
    region: RegionCode | None = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> TriagePage:
    """Assignments without a body, oldest first, with the reason and the system's proposal."""
    return await assignments.list_triage(
        session, principal, resources_of(request).cursors, region, cursor, limit
    )


@router.post("/assignments/{assignment_id}/correct", response_model=AssignmentView)
async def correct(
    principal: Coordinator,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: Correction,
) -> Response:
    """Set topic or body; with a topic alone the rules choose the body."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: corrections.correct_assignment(session, principal, assignment_id, seen, body),
    )


@router.post("/appeals/{appeal_id}/assignments", response_model=AssignmentView, status_code=201)
async def add_co_executor(
    principal: Coordinator,
    session: Transaction,
    idempotency: Idempotent,
    appeal_id: UUID,
    body: NewCoExecutor,
) -> Response:
    """Give the question to one more, helping body."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: corrections.add_co_executor(session, principal, appeal_id, body),
        status=201,
    )


@router.post("/appeals/{appeal_id}/forward", response_model=Forwarded)
async def forward_appeal(
    principal: Coordinator, session: Transaction, idempotency: Idempotent, appeal_id: UUID, body: Forward
) -> Response:
    """Send the appeal to a body outside the system: what is open here ends, and the citizen is told."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: forwarding.forward_appeal(session, principal, appeal_id, body),
    )
