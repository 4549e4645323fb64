"""Appeals with everything a coordinator sees of them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel


class AppealLine(BaseModel):
    """An appeal in a list, its text masked."""

    id: UUID
    number: str
    status: str
    received_at: datetime
    region: str
    channel: str
    topic_name: str | None
    text: str
    due_on: date | None
    organisation: str | None


class AppealPage(BaseModel):
    """A page of a list."""

    items: list[AppealLine]
    next_cursor: str | None


class AppealAnswer(BaseModel):
    """What an organisation has answered, masked."""

    id: UUID
    text: str
    outcome: str | None
    interim: bool
    organisation: str | None
    answered_at: datetime
    promised_on: date | None


class HistoryLine(BaseModel):
    """Something that happened; `person`: who did it, where somebody did."""

    at: datetime
    what: str
    reason: str | None
    person: UUID | None


class Appeal(AppealLine):
    """One appeal, and all that happened to it, in order."""

    regime: str
    due_reason: str | None
    promised_on: date | None
    received_on: date | None
    address: str | None
    notice: str | None
    answers: list[AppealAnswer]
    history: list[HistoryLine]
    version: int


class ExplanationStep(BaseModel):
    """A sentence of how a deadline came about."""

    text: str = ""


class Deadline(BaseModel):
    """A clock; `organisation_id`: who has to keep it."""

    clock: str
    appeal_id: UUID
    assignment_id: UUID | None
    organisation_id: UUID | None
    due_at: datetime | None
    due_on: date | None
    state: str
    reason: str
    explanation: list[ExplanationStep]
    met_at: datetime | None
    region: str


class Deadlines(BaseModel):
    """A page of clocks."""

    items: list[Deadline]
    next_cursor: str | None = None


class Applicant(BaseModel):
    """Who writes."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class Addition(BaseModel):
    """What the citizen added when asked."""

    text: str
    clarified_at: datetime


class Original(BaseModel):
    """The appeal as it was sent."""

    number: str
    text: str
    address: str | None
    applicant: Applicant
    clarifications: list[Addition]
    attachments: list[UUID]


class Receipt(BaseModel):
    """What was registered."""

    id: UUID
    number: str
    tracking_code: str
    notice: str | None
