"""Deadlines that need a look, extensions and audits that need a decision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from web.centre.views.assignments import AssignmentState, OrganisationName


class Overdue(BaseModel):
    """How many an organisation has let pass, and since when the oldest."""

    organisation_id: UUID | None
    count: int
    oldest_due_at: datetime


class DeadlineOverview(BaseModel):
    """Open deadlines of a region."""

    due_soon: int
    due_soon_hours: int
    overdue: list[Overdue]


class UnacceptedItem(AssignmentState):
    """What an organisation has not accepted in time."""

    text: str
    unaccepted_since: datetime | None


class UnacceptedPage(BaseModel):
    """A page of them."""

    items: list[UnacceptedItem]


class Extension(BaseModel):
    """A wish for more days."""

    id: UUID
    region: str
    appeal_id: UUID
    assignment_id: UUID
    organisation_id: UUID
    days: int
    reason: str
    requested_at: datetime
    decision: str | None
    decision_reason: str | None


class Extensions(BaseModel):
    """A page of them."""

    items: list[Extension]
    next_cursor: str | None = None


class Audit(BaseModel):
    """A decision without a person, to be judged; `confidence`: 0..1, only once it is decided."""

    id: UUID
    appeal_id: UUID
    region: str
    text: str
    topic_name: str
    organisation: OrganisationName
    drawn_at: datetime
    status: str
    confidence: float | None
    verdict: str | None
    version: int


class AuditPage(BaseModel):
    """A page of them."""

    items: list[Audit]
    next_cursor: str | None
