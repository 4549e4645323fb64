"""What routing publishes of answers that do not go out at once."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.event import Act, Event, OfficialEvent
from contracts.names import OrganisationName


class AnswerHeld(Act, subject="routing.answer.held.v1", aggregate="assignment_id"):
    """An answer was given and does not go out yet: a coordinator looks at it, or another person of the organisation signs it.

    `checks`: what automatic checks found. The citizen is answered when `AssignmentAnswered` (or its interim) follows.
    """

    assignment_id: UUID
    appeal_id: UUID
    answer_id: UUID
    organisation: OrganisationName
    checks: tuple[str, ...] = ()
    held_at: datetime


class AnswerSigned(Act, subject="routing.answer.signed.v1", aggregate="assignment_id"):
    """Another person of the organisation signed an answer before it goes out."""

    assignment_id: UUID
    appeal_id: UUID
    answer_id: UUID
    organisation: OrganisationName
    signed_at: datetime


class AnswerReturned(
    OfficialEvent,
    Act,
    subject="routing.answer.returned.v1",
    aggregate="assignment_id",
    official=("reasons",),
):
    """A coordinator gave an answer back to be mended; the citizen has not seen it. `reasons`: one a line."""

    assignment_id: UUID
    appeal_id: UUID
    answer_id: UUID
    organisation: OrganisationName
    checks: tuple[str, ...] = ()
    reasons: str
    returned_at: datetime


class AnswerAttached(Act, subject="routing.answer.attached.v1", aggregate="answer_id"):
    """Files were given with an answer, whether it goes out at once or is held."""

    answer_id: UUID
    assignment_id: UUID
    appeal_id: UUID
    organisation: OrganisationName
    attachments: tuple[UUID, ...]
    attached_at: datetime


ANSWER_EVENTS: tuple[type[Event], ...] = (AnswerHeld, AnswerSigned, AnswerReturned, AnswerAttached)
