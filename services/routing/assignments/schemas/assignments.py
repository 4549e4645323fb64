"""Assignments, the queue, its delta feed, triage, and what a body or a coordinator does with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from contracts.routing import Outcome, Role
from services.routing.assignments.schemas.words import name_alternatives, open_row
from services.routing.reference.rules.region_reference import RegionBook
from services.routing.assignments.rules.statuses import Status


class OrganisationRef(BaseModel):
    """A body by id and name."""

    id: UUID
    name: str


class AssignmentView(BaseModel):
    """One question of an appeal with its state. `topic` is the region's code; `due_at` is null until it is known."""

    id: UUID
    appeal_id: UUID
    number: str
    region: str
    status: Status
    role: Role
    organisation: OrganisationRef | None
    topic: str | None
    topic_name: str | None
    municipality: str | None
    channel: str
    regime: str
    importance: str
    text: str
    address: str | None
    due_at: datetime | None
    due_on: date | None
    due_reason: str | None
    received_at: datetime
    created_at: datetime
    accepted_at: datetime | None
    answered_at: datetime | None
    triage_reason: str | None
    predecessor_id: UUID | None
    hops: int
    cycle: int
    lease_expires_at: datetime | None
    version: int


class ClaimedAssignment(AssignmentView):
    """An assignment with the token of its lease."""

    lease_token: str


class ClaimedAssignments(BaseModel):
    """What a claim gave, most urgent first."""

    items: list[ClaimedAssignment]


class AssignmentPage(BaseModel):
    """Part of a list."""

    items: list[AssignmentView]
    next_cursor: str | None


class RuleUsed(BaseModel):
    """The competence rule that decided."""

    id: UUID
    topic: str | None
    group: str | None
    municipality: str | None
    organisation: UUID
    role: str
    comment: str


class RankedTopic(BaseModel):
    """Another topic the classifier thought of."""

    topic: str
    name: str
    score: float


class Explanation(BaseModel):
    """Why the assignment is where it is. `score`: the classifier's confidence, null when a person chose the topic."""

    source: Literal["citizen", "model", "none", "redirect", "coordinator", "rule", "import"]
    score: float | None = None
    threshold: float | None = None
    terms: list[str] = []
    alternatives: list[RankedTopic] = []
    municipality: str | None = None
    municipality_found_in: Literal["appeal", "address", "text"] | None = None
    rule: RuleUsed | None = None
    suggested_organisation: UUID | None = None
    note: str = ""


class AnswerView(BaseModel):
    """An answer in full; for an interim one `outcome` is null."""

    id: UUID
    assignment_id: UUID
    appeal_id: UUID
    text: str
    interim: bool
    outcome: Outcome | None
    promised_on: date | None
    cycle: int
    answered_at: datetime
    organisation: OrganisationRef | None


class DocumentRequest(BaseModel):
    """Documents asked of another body; `received_at` is null while they are awaited."""

    id: UUID
    addressee: str
    what: str
    requested_at: datetime
    received_at: datetime | None


class AssignmentDetails(AssignmentView):
    """An assignment, why it came here, which documents it waits for, and what was answered."""

    explanation: Explanation
    document_requests: list[DocumentRequest]
    answers: list[AnswerView]


class TriageItem(AssignmentView):
    """An assignment that waits for a coordinator's decision, with what the system would propose."""

    explanation: Explanation


class TriagePage(BaseModel):
    """The coordinator's list, oldest first."""

    items: list[TriageItem]
    next_cursor: str | None


class QueueChange(BaseModel):
    """One entry of the queue's delta feed."""

    assignment_id: UUID
    change: Literal["entered", "changed", "left"]
    at: datetime


class QueueChanges(BaseModel):
    """Following it from the start reproduces the queue; the cursor is always there."""

    items: list[QueueChange]
    next_cursor: str


def name_organisation(book: RegionBook, organisation_id: UUID | None) -> OrganisationRef | None:
    """A body's id with its name; a body that is not in the book keeps its id."""
    if organisation_id is None:
        return None
    body = book.bodies.get(organisation_id)
    return OrganisationRef(id=organisation_id, name=body.name if body else "")


def describe_assignment(row: Mapping[str, Any], book: RegionBook) -> dict[str, Any]:
    """The fields of `AssignmentView` from a table row."""
    opened = open_row(row)
    topic = book.topics.get(row["topic"]) if row["topic"] else None
    return {
        **opened,
        "explanation": name_alternatives(opened["explanation"], book),
        "organisation": name_organisation(book, row["organisation_id"]),
        "topic_name": topic.name if topic else None,
    }


def show_assignment(row: Mapping[str, Any], book: RegionBook) -> AssignmentView:
    """A table row as people see it."""
    return AssignmentView.model_validate(describe_assignment(row, book))
