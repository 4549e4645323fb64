"""Assignments, the queue, its delta feed, triage, and what an organisation or a coordinator is shown of them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final, Literal, Self
from uuid import UUID

from pydantic import BaseModel

from chassis.moments import utc_now
from contracts.routing import Outcome, Role
from services.routing.assignments.rules.statuses import Change, Status
from services.routing.assignments.rules.waiting import unaccepted_since
from services.routing.assignments.schemas.explanations import Explanation, Proposal
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
    kind: str
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
    external_ref: str | None
    person: UUID | None
    unaccepted_since: datetime | None
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
            unaccepted_since=unaccepted_since(
                assignment.status, assignment.offered_at, reference.settings, utc_now()
            ),
            **more,
        )


_MADE_OF_OTHERS: Final = {
    "organisation",
    "topic_name",
    "text",
    "address",
    "due_reason",
    "triage_reason",
    "unaccepted_since",
}
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


AnswerState = Literal["published", "in_review", "returned", "ended"]
AwaitedBy = Literal["review", "signature"]


class AnswerView(BaseModel):
    """An answer in full; for an interim one `outcome` is null. `state`: only a published one is the citizen's,
    one that ended waits for nobody: its appeal ended, or was opened again, before it was decided. `waits_for`: whose turn it
    is with one in review; `may_sign`: whether who asks may give the second signature that it waits for."""

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
    waits_for: AwaitedBy | None = None
    may_sign: bool = False


class DocumentRequest(BaseModel):
    """Documents asked of another organisation; `received_at` is null while they are awaited."""

    id: UUID
    addressee: str
    what: str
    requested_at: datetime
    received_at: datetime | None


class ClarificationView(BaseModel):
    """A question to the citizen and all that was answered, masked, until the next question; `at`: when the last of it was said.
    `text` and `at` are null until there is some."""

    question: str
    asked_at: datetime
    text: str | None
    at: datetime | None


class Hop(BaseModel):
    """An organisation that has passed the question on, and why."""

    organisation: OrganisationRef
    reason_code: str
    at: datetime


class ExplainedAssignment(AssignmentView):
    """An assignment, why it came where it is, and who has passed it on before, the first one first. `suggested`: whom the rules
    or the last holder name, unless it has passed it on itself."""

    explanation: Explanation
    suggested: OrganisationRef | None
    hops_history: list[Hop]

    @classmethod
    def of(cls, assignment: Assignment, reference: RegionReference, **more: Any) -> Self:
        """With the names of the topics that were thought of."""
        stored = assignment.words().explanation
        hops = [
            Hop.model_validate(
                each | {"organisation": OrganisationRef.of(UUID(each["organisation"]), reference)}
            )
            for each in stored.get("hops", ())
        ]
        explanation = Explanation.of(stored, reference, assignment.topic)
        named = OrganisationRef.maybe(explanation.suggested_organisation, reference)
        passed_on = {hop.organisation.id for hop in hops}
        suggested = named if named and named.name and named.id not in passed_on else None
        return super().of(
            assignment,
            reference,
            explanation=explanation,
            suggested=suggested,
            hops_history=hops,
            **more,
        )


class AppealAssignments(BaseModel):
    """The assignments of one appeal, each with its reasons."""

    items: list[ExplainedAssignment]
    next_cursor: str | None


class AssignmentDetails(ExplainedAssignment):
    """An assignment, why it came here, what was asked of the citizen, which documents it waits for, and what was answered."""

    clarifications: list[ClarificationView]
    document_requests: list[DocumentRequest]
    answers: list[AnswerView]


class TriageItem(ExplainedAssignment):
    """An assignment that waits for a coordinator's decision, with what the system would propose; or a danger that nobody
    works on yet, flagged `112`, whoever has it. `proposal`: what a rule of law says of it, null where none does."""

    flags: list[str]
    proposal: Proposal | None

    @classmethod
    def of(cls, assignment: Assignment, reference: RegionReference, **more: Any) -> Self:
        """With what the law says."""
        stored = assignment.words().explanation.get("proposal")
        proposal = Proposal.model_validate(stored) if stored else None
        return super().of(assignment, reference, proposal=proposal, **more)


class TriagePage(BaseModel):
    """The coordinator's list: dangers that nobody works on, then what waits for a decision, each oldest first."""

    items: list[TriageItem]
    next_cursor: str | None


class QueueChange(BaseModel):
    """One entry of the queue's delta feed. `status`: how it stands for you since then; `reason`: why it left."""

    assignment_id: UUID
    change: Change
    at: datetime
    status: Status | None
    reason: str | None
    external_ref: str | None


class QueueChanges(BaseModel):
    """Following it from the start reproduces the queue; the cursor is always there."""

    items: list[QueueChange]
    next_cursor: str
