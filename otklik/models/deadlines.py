"""Deadlines and their explanation."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from otklik.models.base import JsonObject, Received, Sent


class Clock(Received):
    """One deadline, the sentence that citizens and organisations see (`reason`), and the steps that led to it.

    Without `due_at` it stands still.
    """

    clock: str
    state: str
    appeal_id: UUID
    assignment_id: UUID | None = None
    organisation_id: UUID | None = None
    due_at: datetime | None = None
    due_on: date | None = None
    met_at: datetime | None = None
    policy_id: UUID | None = None
    reason: str = ""
    explanation: list[JsonObject] = Field(default_factory=list)


class Pause(Sent):
    """A time in which a clock stands still: [from, to)."""

    since: datetime = Field(alias="from")
    until: datetime = Field(alias="to")


class DeadlinePreview(Received):
    """When a term ends, and why."""

    due_at: datetime
    due_on: date
    explanation: list[JsonObject] = Field(default_factory=list)
