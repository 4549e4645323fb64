"""The queue of the token's organisation."""

from __future__ import annotations

from typing import Annotated

from fastapi import Body, Query
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.times import Instant
from services.routing.assignments.actions import leases
from services.routing.assignments.queries import queue
from services.routing.assignments.rules.statuses import Status
from services.routing.assignments.schemas.acts import Claim
from services.routing.assignments.schemas.assignments import (
    AssignmentPage,
    ClaimedAssignments,
    QueueChanges,
)
from services.routing.reference.schemas.types import Code

router = Router(prefix="/api/v1/queue", tags=["queue"])
Agency = Annotated[Principal, allowed("agency")]


@router.get("")
async def list_queue(
    principal: Agency,
    session: Reading,
    page: Page,
    status: Annotated[Status | None, Query(description="Without it: everything that needs work.")] = None,
    topic: Code | None = None,
    due_before: Instant | None = None,
) -> AssignmentPage:
    """Your organisation's assignments, most urgent first."""
    filters = queue.QueueFilter(status, topic, due_before)
    return await queue.list_queue(session, principal, filters, page)


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
async def follow_queue(principal: Agency, session: Reading, page: Page) -> QueueChanges:
    """What entered, changed in and left your queue; following it from the start reproduces the queue."""
    return await queue.follow_queue(session, principal, page)
