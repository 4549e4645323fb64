"""Questions to citizens and their replies, kept where the assignment is read: the question sealed, the reply masked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.db import insert_rows, run, update_rows
from chassis.outbox import emit
from contracts.intake import AppealClarified
from contracts.routing import ClarificationAsked
from services.routing.assignments.actions.locks import ActionRequest, LockedAssignment, lock_own
from services.routing.assignments.actions.transitions import transition
from services.routing.assignments.rules.statuses import Action
from services.routing.assignments.schemas.acts import Clarify
from services.routing.assignments.schemas.assignments import AssignmentView
from services.routing.tables.assignments import QUESTION_WORDS, Assignment, Clarification, clarification

_HAND_OVER = """
UPDATE routing.clarification d SET organisation_id = k.organisation_id
FROM unnest(:regions::text[], :assignments::uuid[], :organisations::uuid[]) AS k(region, assignment_id, organisation_id)
WHERE d.region = k.region AND d.assignment_id = k.assignment_id
"""


@dataclass(frozen=True, slots=True)
class _Reply:
    region: str
    assignment_id: UUID
    text: str
    received_at: datetime


async def ask_citizen(session: AsyncSession, request: ActionRequest, body: Clarify) -> AssignmentView:
    """Ask the citizen something; the clock stands still until the citizen answers."""
    locked = await lock_own(session, request, Action.CLARIFY, body.lease_token)
    (after,) = await transition(session, [locked], Action.CLARIFY)
    await insert_rows(session, clarification, [_seal_question(session, locked, body.question)])
    await emit(
        session,
        ClarificationAsked(
            **after.event_keys(),
            organisation=locked.organisation,
            question=body.question,
            asked_at=locked.at,
        ),
    )
    return after.show()


def _seal_question(session: AsyncSession, locked: LockedAssignment, question: str) -> Clarification:
    question_id: UUID = uuid7()
    return Clarification(
        region=locked.assignment.region,
        id=question_id,
        assignment_id=locked.assignment.id,
        appeal_id=locked.assignment.appeal_id,
        organisation_id=locked.organisation.id,
        asked_at=locked.at,
        text=None,
        received_at=None,
        **QUESTION_WORDS.seal(session, question_id, {"question": question}),
    )


async def record_replies(
    session: AsyncSession, replies: Sequence[tuple[Assignment, AppealClarified]]
) -> None:
    """Keep the citizens' masked replies with the questions that were open."""
    written = [
        _Reply(assignment.region, assignment.id, event.text, event.clarified_at)
        for assignment, event in replies
    ]
    await update_rows(
        session,
        clarification,
        written,
        keys=("region", "assignment_id"),
        where="t.received_at IS NULL",
    )


async def hand_over_clarifications(session: AsyncSession, assignments: Sequence[Assignment]) -> None:
    """Whoever has the assignment now reads what was asked and answered."""
    held = [each for each in assignments if each.organisation_id is not None]
    await run(
        session,
        _HAND_OVER,
        regions=[each.region for each in held],
        assignments=[each.id for each in held],
        organisations=[each.organisation_id for each in held],
    )
