"""Extensions, escalations and the operator's rebuild."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Body
from services.sla.schemas.types import ClockName, Region, Text


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


class Escalation(BaseModel):
    """A breach or a rung of the ladder after it. `due_for_firing_at` is the true time, `fired_at` when it was said;
    `withdrawn_at`: a later fact disproved the breach."""

    region: str
    appeal_id: UUID
    assignment_id: UUID | None
    organisation_id: UUID | None
    clock: ClockName
    cycle: int
    kind: Literal["breach", "escalation"]
    level: int
    repeat: int
    whom: str
    due_at: datetime
    due_for_firing_at: datetime
    fired_at: datetime
    withdrawn_at: datetime | None


class Escalations(BaseModel):
    """A delta feed: the cursor is always there."""

    items: list[Escalation]
    next_cursor: str


class RebuildBody(Body):
    """Appeals to count anew from their journals now; without them: all of `regions`, in the background."""

    appeal_ids: list[UUID] = Field(default_factory=list, max_length=1000)
    regions: list[Region] = Field(default_factory=list, max_length=89)
    all: bool = False


class Rebuilt(BaseModel):
    """What was counted at once, how many of them differed, and which regions are being worked through."""

    appeals: int
    changed: int
    queued: list[str]
