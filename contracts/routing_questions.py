"""What routing publishes of questions to citizens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from contracts.event import Act, Event, OfficialEvent
from contracts.names import OrganisationName


class ClarificationAsked(
    OfficialEvent,
    Act,
    subject="routing.clarification.asked.v1",
    aggregate="assignment_id",
    official=("question",),
):
    """The body asked the citizen something; the clock stands still until the citizen speaks."""

    assignment_id: UUID
    appeal_id: UUID
    organisation: OrganisationName
    question: str
    asked_at: datetime


class ClarificationReceived(Event, subject="routing.clarification.received.v1", aggregate="assignment_id"):
    """The citizen's answer reached the assignment; `asked_id` names the question event it closes."""

    assignment_id: UUID
    appeal_id: UUID
    text: str
    received_at: datetime


class ClarificationEnded(Act, subject="routing.clarification.ended.v1", aggregate="assignment_id"):
    """The citizen's reply is not waited for any more, by a person's word or after the region's days: the clock goes on. A reply that
    comes later is read all the same."""

    assignment_id: UUID
    appeal_id: UUID
    organisation: OrganisationName
    ended_at: datetime
