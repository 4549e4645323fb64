"""One assignment: reading it, and what the holding body does with it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Body
from fastapi.responses import Response

from chassis.db import Reading, Transaction
from chassis.idempotency import Idempotent
from chassis.security import Principal, allowed
from chassis.strict_routes import Router
from chassis.versions import ExpectedVersion
from services.routing.assignments.actions import documents, leases, redirects, work
from services.routing.assignments.queries import assignments
from services.routing.assignments.schemas.acts import (
    Clarify,
    Extend,
    Interim,
    Leased,
    NewAnswer,
    ReceiveDocuments,
    Redirect,
    RequestDocuments,
    RequestExtension,
)
from services.routing.assignments.schemas.assignments import AssignmentDetails, AssignmentView

router = Router(prefix="/api/v1/assignments/{assignment_id}", tags=["assignments"])
Agency = Annotated[Principal, allowed("agency")]
# A body without a lease has nothing to say here, and may leave the JSON out.
NoWords = Annotated[Leased, Body(default_factory=Leased)]
Redirector = Annotated[Principal, allowed("agency", "coordinator")]


@router.get("")
async def read_assignment(principal: Redirector, session: Reading, assignment_id: UUID) -> AssignmentDetails:
    """The assignment, why it came to its body (rule, score, terms), and its answers."""
    return await assignments.read_assignment(session, principal, assignment_id)


@router.post("/accept", response_model=AssignmentView)
async def accept(
    principal: Agency,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: NoWords,
) -> Response:
    """Take it to work; ends the lease."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: work.accept_assignment(session, principal, assignment_id, seen, body),
    )


@router.post("/release", response_model=AssignmentView)
async def release(
    principal: Agency,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: NoWords,
) -> Response:
    """Give it back to the queue."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: leases.release_assignment(session, principal, assignment_id, seen, body),
    )


@router.post("/extend-lease", response_model=AssignmentView)
async def extend_lease(
    principal: Agency,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: Annotated[Extend, Body(default_factory=Extend)],
) -> Response:
    """Keep the lease longer, counted from now."""
    return await idempotency.run(
        session, principal, body, lambda: leases.extend_lease(session, principal, assignment_id, seen, body)
    )


@router.post("/redirect", response_model=AssignmentView)
async def redirect(
    principal: Redirector,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: Redirect,
) -> Response:
    """End it here; a new assignment goes to the suggested body, or to a coordinator."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: redirects.redirect_assignment(session, principal, assignment_id, seen, body),
    )


@router.post("/interim", response_model=AssignmentView)
async def answer_interim(
    principal: Agency,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: Interim,
) -> Response:
    """Give a plan; the question stays open."""
    return await idempotency.run(
        session, principal, body, lambda: work.answer_interim(session, principal, assignment_id, seen, body)
    )


@router.post("/answer", response_model=AssignmentView)
async def answer(
    principal: Agency,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: NewAnswer,
) -> Response:
    """Answer the citizen."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: work.answer_assignment(session, principal, assignment_id, seen, body),
    )


@router.post("/clarify", response_model=AssignmentView)
async def clarify(
    principal: Agency,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: Clarify,
) -> Response:
    """Ask the citizen; the clock stands still until the answer."""
    return await idempotency.run(
        session, principal, body, lambda: work.ask_citizen(session, principal, assignment_id, seen, body)
    )


@router.post("/request-extension", response_model=AssignmentView)
async def request_extension(
    principal: Agency,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: RequestExtension,
) -> Response:
    """Ask for up to 30 more days; a coordinator decides."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: work.request_extension(session, principal, assignment_id, seen, body),
    )


@router.post("/request-documents", response_model=AssignmentView)
async def request_documents(
    principal: Agency,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: RequestDocuments,
) -> Response:
    """Ask another body for documents; it has 15 days, and a message's clock stands still meanwhile."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: documents.request_documents(session, principal, assignment_id, seen, body),
    )


@router.post("/receive-documents", response_model=AssignmentView)
async def receive_documents(
    principal: Agency,
    session: Transaction,
    seen: ExpectedVersion,
    idempotency: Idempotent,
    assignment_id: UUID,
    body: ReceiveDocuments,
) -> Response:
    """The documents came; the clock goes on."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: documents.receive_documents(session, principal, assignment_id, seen, body),
    )
