"""One assignment: reading it, and what the holding organisation does with it; how it answers see `answers`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Body
from fastapi.responses import Response

from chassis.db import Reading
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from services.routing.assignments.actions import clarifications, documents, leases, notes, redirects, work
from services.routing.assignments.api.requests import AgencyCall, AgencyOrCoordinatorCall
from services.routing.assignments.queries import assignments
from services.routing.assignments.schemas.acts import (
    Accept,
    Clarify,
    Extend,
    GiveToPerson,
    Leased,
    OwnNumber,
    ReceiveDocuments,
    Redirect,
    RequestDocuments,
    RequestExtension,
)
from services.routing.assignments.schemas.assignments import AssignmentDetails, AssignmentView

router = Router(prefix="/api/v1/assignments/{assignment_id}", tags=["assignments"])
# An organisation without a lease has nothing to say here, and may leave the JSON out.
NoWords = Annotated[Leased, Body(default_factory=Leased)]


@router.get("")
async def read_assignment(
    principal: Annotated[Principal, allowed("agency", "coordinator")], session: Reading, assignment_id: UUID
) -> AssignmentDetails:
    """The assignment, why it came to its organisation (rule, score, terms), and its answers."""
    return await assignments.read_assignment(session, principal, assignment_id)


@router.post("/accept", response_model=AssignmentView)
async def accept(call: AgencyCall, body: Annotated[Accept, Body(default_factory=Accept)]) -> Response:
    """Take it to work; ends the lease."""
    return await call.run(work.accept_assignment, body)


@router.post("/release", response_model=AssignmentView)
async def release(call: AgencyCall, body: NoWords) -> Response:
    """Give it back to the queue."""
    return await call.run(leases.release_assignment, body)


@router.post("/extend-lease", response_model=AssignmentView)
async def extend_lease(call: AgencyCall, body: Annotated[Extend, Body(default_factory=Extend)]) -> Response:
    """Keep the lease longer, counted from now."""
    return await call.run(leases.extend_lease, body)


@router.post("/external-ref", response_model=AssignmentView)
async def set_external_ref(call: AgencyCall, body: OwnNumber) -> Response:
    """Note its number in your own system; it is in the queue and its changes, and `version` stays."""
    return await call.run(notes.set_external_ref, body)


@router.post("/assign", response_model=AssignmentView)
async def assign(call: AgencyCall, body: GiveToPerson) -> Response:
    """Give it to a person of your organisation; `version` stays."""
    return await call.run(notes.give_to_person, body)


@router.post("/redirect", response_model=AssignmentView)
async def redirect(call: AgencyOrCoordinatorCall, body: Redirect) -> Response:
    """End it here; a new assignment goes to the suggested organisation, or to a coordinator."""
    return await call.run(redirects.redirect_assignment, body)


@router.post("/clarify", response_model=AssignmentView)
async def clarify(call: AgencyCall, body: Clarify) -> Response:
    """Ask the citizen; the clock stands still until the answer, until `resume`, or for the region's `clarification_days`."""
    return await call.run(clarifications.ask_citizen, body)


@router.post("/resume", response_model=AssignmentView)
async def resume(call: AgencyOrCoordinatorCall, body: NoWords) -> Response:
    """Wait for the citizen's reply no longer: it is `accepted` again, and the clock goes on. A reply that comes later is read, too."""
    return await call.run(clarifications.stop_waiting, body)


@router.post("/request-extension", response_model=AssignmentView)
async def request_extension(call: AgencyCall, body: RequestExtension) -> Response:
    """Ask for up to 30 more days; a coordinator decides."""
    return await call.run(work.request_extension, body)


@router.post("/request-documents", response_model=AssignmentView)
async def request_documents(call: AgencyCall, body: RequestDocuments) -> Response:
    """Ask another organisation for documents; it has 15 days, and a message's clock stands still meanwhile."""
    return await call.run(documents.request_documents, body)


@router.post("/receive-documents", response_model=AssignmentView)
async def receive_documents(call: AgencyCall, body: ReceiveDocuments) -> Response:
    """The documents came; the clock goes on."""
    return await call.run(documents.receive_documents, body)
