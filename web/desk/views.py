"""What the platform answers about assignments, as far as the workplace of an organisation shows it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel


class Named(BaseModel):
    """An organisation with its name."""

    id: UUID
    name: str


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

    organisation: Named
    reason_code: str
    at: datetime


class Clarification(BaseModel):
    """What the citizen was asked, and what came back."""

    question: str
    asked_at: datetime
    text: str | None
    at: datetime | None


class Answer(BaseModel):
    """An answer of ours; `state`: published, in_review, returned or ended."""

    id: UUID
    text: str
    interim: bool
    outcome: str | None
    promised_on: date | None
    cycle: int
    answered_at: datetime
    state: str


class Details(Assignment):
    """One assignment with all that belongs to it."""

    explanation: Explanation
    hops_history: list[Hop]
    clarifications: list[Clarification]
    answers: list[Answer]

    def last_returned(self) -> Answer | None:
        """The answer that a coordinator has sent back and that nothing has replaced yet."""
        final = [each for each in self.answers if each.cycle == self.cycle]
        return final[-1] if final and final[-1].state == "returned" else None


class Step(BaseModel):
    """A sentence of how a deadline was counted."""

    text: str = ""


class Deadline(BaseModel):
    """A deadline: which, until when, how it stands, and how it was counted."""

    clock: str
    assignment_id: UUID | None
    due_at: datetime | None
    due_on: date | None
    state: str
    reason: str | None = None
    explanation: list[Step]


class Deadlines(BaseModel):
    """Those of an appeal."""

    items: list[Deadline]

    def of(self, assignment_id: UUID) -> list[Deadline]:
        """Those of one assignment, the next first; without those that were cancelled."""
        own = [each for each in self.items if each.assignment_id in (None, assignment_id)]
        shown = [each for each in own if each.state != "cancelled"]
        return sorted(shown, key=lambda each: (each.due_at is None, each.due_at))


class HistoryEntry(BaseModel):
    """Something that happened."""

    at: datetime
    what: str
    reason: str | None
    organisation: str | None
    person: UUID | None


class History(BaseModel):
    """All that happened, in order."""

    items: list[HistoryEntry]


class PersonName(BaseModel):
    """Who a person is."""

    id: UUID
    name: str
    position: str


class PersonNames(BaseModel):
    """Those that are known."""

    items: list[PersonName]


class SimilarCase(BaseModel):
    """A case like this one that was answered well."""

    number: str
    text: str
    answer: str
    outcome: str
    score: int | None


class Template(BaseModel):
    """A template, filled for this assignment."""

    id: UUID
    name: str
    text: str


class Similar(BaseModel):
    """What helps with a draft."""

    items: list[SimilarCase]
    templates: list[Template]


class Finding(BaseModel):
    """What a check found: `severity` block or warn."""

    check: str
    severity: str
    phrase: str
    advice: str


class Checked(BaseModel):
    """What the checks found in a draft."""

    checks: list[Finding]


class Applicant(BaseModel):
    """Who wrote."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class OriginalClarification(BaseModel):
    """What the citizen added, as it was written."""

    text: str
    clarified_at: datetime


class Photo(BaseModel):
    """When and where a photo was taken, where its camera noted that."""

    attachment_id: UUID | None = None
    taken_at: datetime | None


class Original(BaseModel):
    """What the citizen really wrote."""

    number: str
    text: str
    address: str | None
    applicant: Applicant
    clarifications: list[OriginalClarification]
    attachments: list[UUID]
    photos: list[Photo]


class Attachment(BaseModel):
    """A file that was taken."""

    id: UUID


class AnswerDetails(Answer):
    """An answer with what was found in it and why it was returned."""

    assignment_id: UUID
    checks: list[Finding]
    reasons: list[str]


class Acted(BaseModel):
    """An assignment after an act."""

    id: UUID
    number: str
    status: str
    version: int


class Problem(BaseModel):
    """Why an item of many was refused."""

    type: str
    status: int


class BulkItem(BaseModel):
    """What became of one of many."""

    id: UUID
    status: int
    assignment: Acted | None = None
    problem: Problem | None = None


class BulkResult(BaseModel):
    """What became of each."""

    items: list[BulkItem]
