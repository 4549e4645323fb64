"""The queue of the token's organisation."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Query, Request
from fastapi.responses import Response

from chassis.cursors import Cursor, Limit
from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.resources import resources_of
from chassis.security import Principal, allowed
from chassis.strict_routes import Router
from chassis.times import Instant
from services.routing.actions import queue as leases
from services.routing.queries import assignments
from services.routing.rules.statuses import Status
from services.routing.schemas.acts import Claim
from services.routing.schemas.assignments import AssignmentPage, ClaimedAssignments, QueueChanges
from services.routing.schemas.types import Code

router = Router(prefix="/api/v1/queue", tags=["queue"])
Agency = Annotated[Principal, allowed("agency")]


@router.get("")
async def list_queue(
    principal: Agency,
    session: Reading,
    request: Request,
    status: Annotated[Status | None, Query(description="Without it: everything that needs work.")] = None,
    topic: Code | None = None,
    due_before: Instant | None = None,
    limit: Limit = 100,
    cursor: Cursor = "",
) -> AssignmentPage:
    """Your organisation's assignments, most urgent first."""
    filters = assignments.Filters(status, topic, due_before)
    return await assignments.list_queue(
        session, principal, resources_of(request).cursors, filters, cursor, limit
    )


@router.post("/claim", response_model=ClaimedAssignments)
async def claim_assignments(
    principal: Agency,
    session: Transaction,
    idempotency: Idempotent,
    body: Annotated[Claim, Body(default_factory=Claim)],
) -> Response:
    """Lease new and reopened assignments, most urgent first; none is ever leased twice at a time."""
    return await idempotency.run(
        session, principal, body, lambda: leases.claim_assignments(session, principal, body)
    )


@router.get("/changes")
async def follow_queue(
    principal: Agency, session: Reading, request: Request, limit: Limit = 100, cursor: Cursor = ""
) -> QueueChanges:
    """What entered, changed in and left your queue; following it from the start reproduces the queue."""
    return await assignments.follow_queue(session, principal, resources_of(request).cursors, cursor, limit)
