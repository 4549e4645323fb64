"""Answers in full."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from chassis.db import Reading
from chassis.security import Principal, allowed
from chassis.strict_routes import Router
from services.routing.assignments.queries import answers
from services.routing.assignments.schemas.assignments import AnswerView

router = Router(prefix="/api/v1/answers", tags=["answers"])


@router.get("/{answer_id}")
async def read_answer(
    principal: Annotated[Principal, allowed("portal", "agency", "coordinator")],
    session: Reading,
    answer_id: UUID,
) -> AnswerView:
    """The full text, for the submitting portal, the body that answered, and coordinators."""
    return await answers.read_answer(session, principal, answer_id)
