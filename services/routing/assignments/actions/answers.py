"""Answers as they are kept: in full, sealed."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from contracts.routing import Outcome
from services.routing.tables.assignments import ANSWER_WORDS, Answer, NewAssignment


def seal_answer(
    session: AsyncSession,
    assignment: NewAssignment,
    answer_id: UUID,
    text: str,
    *,
    outcome: Outcome | None,
    promised_on: date | None,
    cycle: int,
    client_id: str,
    answered_at: datetime,
) -> Answer:
    """An organisation's answer to its assignment; an interim one without an outcome."""
    assert assignment.organisation_id is not None
    return Answer(
        region=assignment.region,
        id=answer_id,
        assignment_id=assignment.id,
        appeal_id=assignment.appeal_id,
        organisation_id=assignment.organisation_id,
        outcome=outcome,
        interim=outcome is None,
        promised_on=promised_on,
        cycle=cycle,
        client_id=client_id,
        answered_at=answered_at,
        **ANSWER_WORDS.seal(session, answer_id, {"text": text}),
    )
