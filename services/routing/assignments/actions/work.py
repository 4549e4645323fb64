"""What the holding body does with its assignment: accept, answer, ask, and ask for more days."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from chassis.attachments import require_none_attached
from chassis.db import insert_rows
from chassis.outbox import emit
from chassis.problems import Unprocessable
from chassis.security import Principal
from contracts.routing import (
    AssignmentAccepted,
    AssignmentAnswered,
    AssignmentInterimAnswered,
    ClarificationAsked,
    ExtensionRequested,
)
from services.routing.assignments.actions.transitions import NO_LEASE, Held, move, take_own
from services.routing.tables import ANSWER_WORDS, answer
from services.routing.assignments.rules.local_days import local_day
from services.routing.assignments.schemas.acts import Clarify, Interim, Leased, NewAnswer, RequestExtension
from services.routing.assignments.schemas.assignments import AssignmentView


async def accept_assignment(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: Leased
) -> AssignmentView:
    """Take it to work; ends the lease."""
    held = await take_own(session, principal, assignment_id, seen, "accept", body.lease_token)
    after = await move(session, held, "accept", accepted_at=held.at, **NO_LEASE)
    await emit(
        session,
        AssignmentAccepted(**after.about(), organisation=held.organisation, accepted_at=held.at),
    )
    return after.show()


async def answer_interim(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: Interim
) -> AssignmentView:
    """Give a plan; the question stays open."""
    require_none_attached(body.attachments)
    held = await take_own(session, principal, assignment_id, seen, "interim", body.lease_token)
    _require_day_to_come(held, body.promised_on, from_today=True)
    after = await move(session, held, "interim", **NO_LEASE)
    answer_id = await _keep_answer(session, principal, held, body, outcome=None)
    await emit(
        session,
        AssignmentInterimAnswered(
            **after.about(),
            answer_id=answer_id,
            organisation=held.organisation,
            text=body.text,
            promised_on=body.promised_on,
            answered_at=held.at,
        ),
    )
    return after.show()


async def answer_assignment(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: NewAnswer
) -> AssignmentView:
    """Answer the question; with outcome `postponed` it stays watched until the promised day."""
    require_none_attached(body.attachments)
    postponed = body.outcome == "postponed"
    act = "postpone" if postponed else "answer"
    held = await take_own(session, principal, assignment_id, seen, act, body.lease_token)  # type: ignore[arg-type]
    if postponed:
        _require_day_to_come(held, body.promised_on, from_today=False)
    after = await move(session, held, act, answered_at=held.at, **NO_LEASE)  # type: ignore[arg-type]
    answer_id = await _keep_answer(session, principal, held, body, outcome=body.outcome)
    await emit(
        session,
        AssignmentAnswered(
            **after.about(),
            answer_id=answer_id,
            organisation=held.organisation,
            outcome=body.outcome,
            text=body.text,
            promised_on=body.promised_on,
            cycle=held.row["cycle"],
            answered_at=held.at,
        ),
    )
    return after.show()


def _require_day_to_come(held: Held, day: date | None, *, from_today: bool) -> None:
    today = local_day(held.at, held.row["region"], held.row["municipality"])
    if day is not None and (day < today or (day == today and not from_today)):
        error = {"pointer": "/promised_on", "message": "the promised day must lie in the future"}
        raise Unprocessable("See errors.", errors=[error])


async def _keep_answer(
    session: AsyncSession,
    principal: Principal,
    held: Held,
    body: Interim | NewAnswer,
    outcome: str | None,
) -> UUID:
    """The full text stays here, sealed."""
    answer_id: UUID = uuid7()
    row: dict[str, Any] = {
        "region": held.row["region"],
        "id": answer_id,
        "assignment_id": held.row["id"],
        "appeal_id": held.row["appeal_id"],
        "organisation_id": held.row["organisation_id"],
        **ANSWER_WORDS.seal(session, answer_id, {"text": body.text}),
        "outcome": outcome,
        "interim": outcome is None,
        "promised_on": body.promised_on,
        "cycle": held.row["cycle"],
        "client_id": principal.client_id,
        "answered_at": held.at,
    }
    await insert_rows(session, answer, [row])
    return answer_id


async def ask_citizen(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: Clarify
) -> AssignmentView:
    """Ask the citizen something; the clock stands still until the citizen speaks."""
    held = await take_own(session, principal, assignment_id, seen, "clarify", body.lease_token)
    after = await move(session, held, "clarify", asked_at=held.at, **NO_LEASE)
    await emit(
        session,
        ClarificationAsked(
            **after.about(),
            organisation=held.organisation,
            question=body.question,
            asked_at=held.at,
        ),
    )
    return after.show()


async def request_extension(
    session: AsyncSession, principal: Principal, assignment_id: UUID, seen: int, body: RequestExtension
) -> AssignmentView:
    """Ask for more days; the coordinator decides in the deadline service, the assignment stays as it is."""
    held = await take_own(session, principal, assignment_id, seen, "request_extension", body.lease_token)
    await emit(
        session,
        ExtensionRequested(
            **held.about(),
            extension_id=uuid7(),
            organisation=held.organisation,
            days=body.days,
            reason=body.reason,
            requested_at=held.at,
        ),
    )
    return held.show()
