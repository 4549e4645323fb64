"""Deadlines that need a look, and extensions that need a decision."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from web.centre.views.appeals import Deadlines
from web.centre.views.assignments import AssignmentState


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


class DeadlineSituation(BaseModel):
    """What of a region's deadlines needs a look."""

    overview: DeadlineOverview
    due_soon: Deadlines
    extensions: Extensions
