"""An organisation answers its assignment, and looks at how others did."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from chassis.db import Reading
from chassis.principals import Principal
from chassis.security import allowed
from chassis.strict_routes import Router
from services.routing.answers.actions import submitting
from services.routing.answers.queries.similar import find_similar
from services.routing.answers.schemas.reviews import SignedAnswer
from services.routing.answers.schemas.similar import Similar
from services.routing.assignments.api.requests import AgencyCall
from services.routing.assignments.schemas.acts import Interim
from services.routing.assignments.schemas.assignments import AssignmentView

router = Router(prefix="/api/v1/assignments/{assignment_id}", tags=["assignments"])


@router.post("/interim", response_model=AssignmentView)
async def answer_interim(call: AgencyCall, body: Interim) -> Response:
    """Give a plan; the question stays open."""
    return await call.run(submitting.answer_interim, body)


@router.post("/answer", response_model=AssignmentView)
async def answer(call: AgencyCall, body: SignedAnswer) -> Response:
    """Answer the citizen; what a check blocks, the region's mode chooses or another person has to sign waits in review."""
    return await call.run(submitting.answer_assignment, body)


@router.get("/similar")
async def read_similar(
    principal: Annotated[Principal, allowed("agency", "coordinator")],
    session: Reading,
    assignment_id: UUID,
    limit: Annotated[int, Query(ge=1, le=20)] = 5,
) -> Similar:
    """Cases of the region like this one that were answered well, and templates."""
    return await find_similar(session, principal, assignment_id, limit)
