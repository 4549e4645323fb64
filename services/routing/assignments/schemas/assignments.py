"""Assignments, the queue, its delta feed, triage, and what an organisation or a coordinator is shown of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel

from contracts.routing import Outcome, Role
from services.routing.assignments.rules.explanations import Source, StoredExplanation
from services.routing.assignments.rules.statuses import Change, Status
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.tables.assignments import Assignment


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

    @classmethod
    def of(cls, assignment: Assignment, reference: RegionReference, **more: Any) -> Self:
        """An assignment as people see it; `more`: the fields of a subclass."""
        words = assignment.words()
        topic = reference.topic(assignment.topic)
        return cls(
            **{name: getattr(assignment, name) for name in _COLUMNS_SHOWN},
            organisation=OrganisationRef.maybe(assignment.organisation_id, reference),
            topic_name=topic.name if topic else None,
            text=words.text,
            address=words.address,
            due_reason=assignment.deadline_reason(),
            triage_reason=words.triage_reason,
            **more,
        )


_MADE_OF_OTHERS: Final = {"organisation", "topic_name", "text", "address", "due_reason", "triage_reason"}
_COLUMNS_SHOWN: Final = [name for name in AssignmentView.model_fields if name not in _MADE_OF_OTHERS]


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

    source: Source
    score: float | None = None
    threshold: float | None = None
    terms: list[str] = []
    alternatives: list[RankedTopic] = []
    municipality: str | None = None
    municipality_found_in: Literal["appeal", "address", "text"] | None = None
    rule: RuleUsed | None = None
    suggested_organisation: UUID | None = None
    note: str = ""

    @classmethod
    def of(cls, stored: StoredExplanation, reference: RegionReference) -> Explanation:
        """With the names of the topics that were thought of."""
        alternatives = [
            {"name": topic.name if (topic := reference.topic(each["topic"])) else each["topic"], **each}
            for each in stored.get("alternatives", ())
        ]
        return cls.model_validate({**stored, "alternatives": alternatives})


AnswerState = Literal["published", "in_review", "returned"]


class AnswerView(BaseModel):
    """An answer in full; for an interim one `outcome` is null. `state`: only a published one is the citizen's."""

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
    state: AnswerState = "published"


class DocumentRequest(BaseModel):
    """Documents asked of another organisation; `received_at` is null while they are awaited."""

    id: UUID
    addressee: str
    what: str
    requested_at: datetime
    received_at: datetime | None


class ExplainedAssignment(AssignmentView):
    """An assignment and why it came where it is."""

    explanation: Explanation

    @classmethod
    def of(cls, assignment: Assignment, reference: RegionReference, **more: Any) -> Self:
        """With the names of the topics that were thought of."""
        explanation = Explanation.of(assignment.words().explanation, reference)
        return super().of(assignment, reference, explanation=explanation, **more)


class AssignmentDetails(ExplainedAssignment):
    """An assignment, why it came here, which documents it waits for, and what was answered."""

    document_requests: list[DocumentRequest]
    answers: list[AnswerView]


class TriageItem(ExplainedAssignment):
    """An assignment that waits for a coordinator's decision, with what the system would propose."""


class TriagePage(BaseModel):
    """The coordinator's list, oldest first."""

    items: list[TriageItem]
    next_cursor: str | None


class QueueChange(BaseModel):
    """One entry of the queue's delta feed."""

    assignment_id: UUID
    change: Change
    at: datetime


class QueueChanges(BaseModel):
    """Following it from the start reproduces the queue; the cursor is always there."""

    items: list[QueueChange]
    next_cursor: str
