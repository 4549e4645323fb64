"""The queue of the token's organisation."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Body, Query
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.moments import utc_now
from chassis.pages import Page
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from chassis.times import Instant
from services.routing.assignments.actions import leases, notes
from services.routing.assignments.queries import counting, queue, waiting
from services.routing.assignments.rules.statuses import Status
from services.routing.assignments.schemas.acts import Claim, HandOver, HandOverResult
from services.routing.assignments.schemas.assignments import (
    AssignmentPage,
    ClaimedAssignments,
    QueueChanges,
)
from services.routing.assignments.schemas.counts import QueueCounts
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
    person: Annotated[
        UUID | None, Query(description="Whose assignments: of whom in the organisation.")
    ] = None,
    running: Annotated[
        bool,
        Query(
            description="Without `status`: only what waits for an answer, nothing postponed, nothing that waits for the citizen."
        ),
    ] = False,
    unaccepted: Annotated[
        bool, Query(description="Only what has waited too long to be accepted; the longest first.")
    ] = False,
) -> AssignmentPage:
    """Your organisation's assignments, most urgent first."""
    filters = queue.QueueFilter(status, topic, due_before, person, running)
    if unaccepted:
        return await waiting.list_own_unaccepted(session, principal, filters, utc_now(), page)
    return await queue.list_queue(session, principal, filters, page)


@router.get("/counts")
async def count_queue(principal: Agency, session: Reading) -> QueueCounts:
    """Your organisation's queue in figures: by status, topic and person; of a long one its most urgent thousand."""
    return await counting.count_queue(session, principal, utc_now())


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


@router.post("/hand-over", response_model=HandOverResult)
async def hand_over(
    principal: Agency, session: Transaction, idempotency: Idempotent, body: HandOver
) -> Response:
    """Give all open assignments of one person to another: for good, or until the end of an absence."""
    return await idempotency.run(session, principal, body, lambda: notes.hand_over(session, principal, body))


@router.get("/changes")
async def follow_queue(principal: Agency, session: Reading, page: Page) -> QueueChanges:
    """What entered, changed in and left your queue; following it from the start reproduces the queue."""
    return await queue.follow_queue(session, principal, page)
