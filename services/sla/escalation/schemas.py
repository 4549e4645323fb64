"""The feed of escalations."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from contracts.sla import ClockKind


class Escalation(BaseModel):
    """A breach or a level of the escalation policy after it. `due_for_firing_at` is the true time, `fired_at` when it
    was sent; `withdrawn_at`: a later fact disproved the breach."""

    region: str
    appeal_id: UUID
    assignment_id: UUID | None
    organisation_id: UUID | None
    clock: ClockKind
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
