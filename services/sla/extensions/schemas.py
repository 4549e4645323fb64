"""Extensions, escalations and the operator's rebuild."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Body
from services.sla.calendars.schemas import Text


class Extension(BaseModel):
    """A request for more days and what was decided; `notice` is what the citizen was told, and when."""

    id: UUID
    region: str
    appeal_id: UUID
    assignment_id: UUID
    organisation_id: UUID
    days: int
    reason: str
    requested_at: datetime
    decision: Literal["approve", "refuse"] | None
    decided_days: int | None
    decision_reason: str | None
    decided_at: datetime | None
    notified_at: datetime | None
    notice: str | None


class Extensions(BaseModel):
    """A page, oldest first."""

    items: list[Extension]
    next_cursor: str | None = None


class DecisionBody(Body):
    """A coordinator's decision."""

    decision: Literal["approve", "refuse"]
    reason: Text
