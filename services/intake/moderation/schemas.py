"""The moderator's work list."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Body
from services.intake.field_types import Words
from services.intake.history.rules.statuses import AppealStatus


class ModerationLine(BaseModel):
    """An appeal waiting for a moderator."""

    id: UUID
    number: str
    region: str
    channel: str
    text: str
    received_at: datetime
    version: int


class ModerationPage(BaseModel):
    """The queue, oldest first."""

    items: list[ModerationLine]
    next_cursor: str | None


class Decision(Body):
    """What the moderator decided and why."""

    decision: Literal["accept", "reject", "hide"]
    reason: Words


class Moderated(BaseModel):
    """The appeal after the decision."""

    id: UUID
    status: AppealStatus
    version: int
