"""What the platform answers about what lies behind an assignment: its course, what helps with the answer, the original; and what
became of acts."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from web.desk.views import Answer


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
