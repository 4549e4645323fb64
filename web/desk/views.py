"""What the platform answers about assignments, as far as the workplace of an organisation shows it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from web.reference import OrganisationName


class Assignment(BaseModel):
    """One question in the queue; `text` is masked. `due_at` is None until the deadline is known."""

    id: UUID
    appeal_id: UUID
    number: str
    region: str
    status: str
    role: str
    topic: str | None
    topic_name: str | None
    channel: str
    regime: str
    importance: str
    text: str
    address: str | None
    due_at: datetime | None
    due_on: date | None
    due_reason: str | None
    received_at: datetime
    hops: int
    cycle: int
    lease_expires_at: datetime | None
    person: UUID | None
    unaccepted_since: datetime | None
    version: int

    @property
    def title(self) -> str:
        """What it is about, in a line."""
        return self.topic_name or "Тема не определена"


class Queue(BaseModel):
    """A page of the queue, most urgent first."""

    items: list[Assignment]
    next_cursor: str | None


class StatusCount(BaseModel):
    """How many stand in a status."""

    status: str
    assignments: int


class TopicCount(BaseModel):
    """How many are about a topic."""

    topic: str
    topic_name: str
    assignments: int


class PersonCount(BaseModel):
    """How many one person works on; nobody in particular where `person` is None."""

    person: UUID | None
    assignments: int
    overdue: int


class Counts(BaseModel):
    """The queue in figures; of its most urgent part where it is not `whole`."""

    assignments: int
    whole: bool
    overdue: int
    due_today: int
    statuses: list[StatusCount]
    topics: list[TopicCount]
    persons: list[PersonCount]

    def of_status(self, *statuses: str) -> int:
        """How many stand in one of these."""
        return sum(each.assignments for each in self.statuses if each.status in statuses)


class ClaimedAssignment(Assignment):
    """One that is reserved for who asked, with the proof of that."""

    lease_token: str


class Claimed(BaseModel):
    """What was reserved; nothing where there is nothing new."""

    items: list[ClaimedAssignment]


class Explanation(BaseModel):
    """Why it came here, in sentences."""

    steps: list[str] = []
    question: str | None = None


class Hop(BaseModel):
    """Who has passed it on before."""

    organisation: OrganisationName
    reason_code: str
    at: datetime


class Clarification(BaseModel):
    """What the citizen was asked, and what came back."""

    question: str
    asked_at: datetime
    text: str | None
    at: datetime | None


class Answer(BaseModel):
    """An answer of ours; `state`: published, in_review, returned or ended. `waits_for`: review or signature; `may_sign`: whether the
    person who looks may give the second signature."""

    id: UUID
    text: str
    interim: bool
    outcome: str | None
    promised_on: date | None
    cycle: int
    answered_at: datetime
    state: str
    waits_for: str | None = None
    may_sign: bool = False


class Details(Assignment):
    """One assignment with all that belongs to it."""

    explanation: Explanation
    hops_history: list[Hop]
    clarifications: list[Clarification]
    answers: list[Answer]

    def unsigned(self) -> Answer | None:
        """The answer that waits for a second signature."""
        return next((each for each in self.answers if each.waits_for == "signature"), None)

    def last_returned(self) -> Answer | None:
        """The answer that a coordinator has sent back and that nothing has replaced yet."""
        final = [each for each in self.answers if each.cycle == self.cycle]
        return final[-1] if final and final[-1].state == "returned" else None
