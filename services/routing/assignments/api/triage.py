"""What coordinators do: look through triage, correct, add a helping organisation, forward to one outside, stop
correspondence."""

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
from services.routing.assignments.actions import correspondence, triage
from services.routing.assignments.api.requests import CoordinatorCall
from services.routing.assignments.queries import of_appeals, waiting, waiting_counts
from services.routing.assignments.queries import triage as triage_queries
from services.routing.assignments.schemas.acts import (
    Correction,
    CorrespondenceStopped,
    Forward,
    Forwarded,
    NewCoExecutor,
    StopCorrespondence,
)
from services.routing.assignments.schemas.assignments import (
    AppealAssignments,
    AssignmentPage,
    AssignmentView,
    TriagePage,
)
from services.routing.assignments.schemas.waiting import Waiting
from services.routing.reference.schemas.types import RegionCode

router = Router(prefix="/api/v1", tags=["triage"])
Coordinator = Annotated[Principal, allowed("coordinator")]


@router.get("/triage")
async def list_triage(
    principal: Coordinator, session: Reading, page: Page, region: RegionCode | None = None
) -> TriagePage:
    """Dangers that nobody works on yet (`flags`: 112), whoever has them; then assignments without an organisation, with the
    reason and the system's proposal. Each oldest first."""
    return await triage_queries.list_triage(session, principal, region, page)


@router.get("/triage/waiting")
async def count_waiting(
    principal: Coordinator, session: Reading, region: RegionCode | None = None
) -> Waiting:
    """How much waits for a coordinator: dangers, triage, answers in review, proposed incidents, open audits, what organisations
    have not accepted in time; each counted up to `most`."""
    return await waiting_counts.count_waiting(session, principal, region, utc_now())


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


@router.get("/appeals/{appeal_id}/assignments")
async def list_assignments_of(
    principal: Coordinator, session: Reading, page: Page, appeal_id: UUID
) -> AppealAssignments:
    """All assignments that an appeal has had, the earliest first, each with the reasons for where it went; 404 where it has
    none yet."""
    return await of_appeals.list_assignments_of(session, principal, appeal_id, page)


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


@router.post("/appeals/{appeal_id}/stop-correspondence", response_model=CorrespondenceStopped)
async def stop_correspondence(
    principal: Coordinator,
    session: Transaction,
    idempotency: Idempotent,
    appeal_id: UUID,
    body: StopCorrespondence,
) -> Response:
    """End the correspondence about a question that one organisation answered on the merits at least twice (59-ФЗ ст. 11 ч.
    5)."""
    return await idempotency.run(
        session,
        principal,
        body,
        lambda: correspondence.stop_correspondence(session, principal, appeal_id, body),
    )
