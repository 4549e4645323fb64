"""Assignments and why they are where they are."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from web.reference import OrganisationName


class RankedOrganisation(BaseModel):
    """One that may be competent; `score`: 0..1."""

    organisation: OrganisationName
    score: float


class RankedTopic(BaseModel):
    """A topic that may be meant; `score`: 0..1."""

    topic: str
    name: str
    score: float


class Proposal(BaseModel):
    """What a rule of law proposes."""

    rule: str
    outcome: str
    reason: str
    basis: str


class Explanation(BaseModel):
    """How the decision came about; `steps`: sentences."""

    suggestions: list[RankedOrganisation] = []
    hints: list[RankedOrganisation] = []
    alternatives: list[RankedTopic] = []
    served_by: list[OrganisationName] = []
    relations: list[str] = []
    note: str = ""
    steps: list[str] = []


class Hop(BaseModel):
    """Who has passed it on."""

    organisation: OrganisationName


class AssignmentState(BaseModel):
    """Where an assignment stands after an act."""

    id: UUID
    appeal_id: UUID
    number: str
    status: str
    organisation: OrganisationName | None
    topic: str | None
    topic_name: str | None
    version: int


class ExplainedAssignment(AssignmentState):
    """An assignment with its reasons."""

    region: str
    role: str
    importance: str
    kind: str
    channel: str
    text: str
    address: str | None
    due_on: date | None
    due_reason: str | None
    received_at: datetime
    accepted_at: datetime | None
    answered_at: datetime | None
    triage_reason: str | None
    explanation: Explanation
    suggested: OrganisationName | None
    hops_history: list[Hop]


class TriageItem(ExplainedAssignment):
    """What a coordinator looks at; `flags`: `112` for a danger that nobody works on."""

    flags: list[str]
    proposal: Proposal | None


class TriagePage(BaseModel):
    """A page of triage."""

    items: list[TriageItem]
    next_cursor: str | None


class AppealAssignments(BaseModel):
    """All that an appeal has had."""

    items: list[ExplainedAssignment]
