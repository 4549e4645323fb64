"""Appeals: as they are submitted, followed and rated."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from otklik.models.base import ProblemDocument, Received, Sent


class Location(Sent):
    """WGS 84 degrees."""

    lat: float
    lon: float


class Applicant(Sent):
    """Who complains. Stays encrypted in the intake service."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class NewAppeal(Sent):
    """An appeal to submit; `region` is the two-digit subject code, `municipality` an ОКТМО code."""

    text: str
    region: str
    external_id: str | None = None
    channel: str | None = None
    regime: Literal["message", "statutory"] | None = None
    submitted_at: datetime | None = None
    municipality: str | None = None
    address: str | None = None
    location: Location | None = None
    applicant: Applicant | None = None
    topic: str | None = None
    complained_about: UUID | None = None
    attachments: list[UUID] | None = None


class Receipt(Received):
    """A registered appeal. `created` is false when it had been registered by an earlier request."""

    id: UUID
    number: str
    tracking_code: str
    status: str = "registered"
    received_at: datetime | None = None
    created: bool = True


class LineResult(Received):
    """What became of one line of a batch; `line` counts from 1 over everything that was submitted."""

    line: int
    status: int
    id: UUID | None = None
    number: str | None = None
    tracking_code: str | None = None
    problem: ProblemDocument | None = None

    @property
    def accepted(self) -> bool:
        """Registered now (201) or earlier (200)."""
        return self.status in (200, 201)


class Answer(Received):
    """What an organisation answered; the text is masked. An interim answer is a plan, not the end."""

    id: UUID
    assignment_id: UUID | None = None
    text: str
    outcome: str | None = None
    interim: bool = False
    organisation: str | None = None
    answered_at: datetime
    promised_on: date | None = None


class AppealSummary(Received):
    """An appeal in a list; the text is masked. `topic` is the region's code, `organisation` a name."""

    id: UUID
    number: str
    status: str
    received_at: datetime
    region: str
    municipality: str | None = None
    channel: str | None = None
    regime: str | None = None
    topic: str | None = None
    topic_name: str | None = None
    text: str = ""
    due_on: date | None = None
    due_reason: str | None = None
    organisation: str | None = None
    organisation_id: UUID | None = None
    promised_on: date | None = None
    location_note: str | None = None
    version: int = 1


class Appeal(AppealSummary):
    """An appeal with its answers, as its portal, its agency or a coordinator sees it."""

    external_id: str | None = None
    address: str | None = None
    answers: list[Answer] = Field(default_factory=list)


class AppealChange(Received):
    """One visible change of an own appeal. Keep `cursor` once you have dealt with it."""

    appeal_id: UUID
    change: str
    status: str
    version: int
    at: datetime
    cursor: str = ""


class HistoryEntry(Received):
    """One thing that happened to an appeal; `what` is a sentence for people."""

    at: datetime
    kind: str
    what: str
    reason: str | None = None
    organisation: str | None = None
    assignment_id: UUID | None = None
    person: UUID | None = None


class Tracking(Received):
    """What the citizen sees by tracking code: masked, without personal data. Topic and organisation are names."""

    number: str
    status: str
    status_name: str | None = None
    received_at: datetime | None = None
    due_on: date | None = None
    due_reason: str | None = None
    organisation: str | None = None
    topic: str | None = None
    timeline: list[HistoryEntry] = Field(default_factory=list)
    answers: list[Answer] = Field(default_factory=list)
    promised_on: date | None = None
    may_rate: bool = False
    may_clarify: bool = False
    may_withdraw: bool = False


class Rating(Received):
    """A stored verdict; `reopened` tells whether the question went back to work."""

    answer_id: UUID
    score: int
    solved: bool
    reopened: bool
    rated_at: datetime
