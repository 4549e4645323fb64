"""Appeals behind figures, one of them, and who acted."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel, Field


class Counted(BaseModel):
    """An appeal behind a figure."""

    id: UUID
    received_at: datetime
    region: str
    topic: str | None
    topic_name: str | None = None
    organisation: UUID | None
    organisation_name: str | None = None
    municipality: str | None
    municipality_name: str | None = None
    status: str
    due_at: datetime | None
    answered_at: datetime | None


class CountedPage(BaseModel):
    """Part of them, the newest first."""

    items: list[Counted]
    next_cursor: str | None
    definition: dict[str, str] = Field(default_factory=dict)


class Step(BaseModel):
    """One thing that happened to an appeal."""

    at: datetime
    what: str


class Outline(BaseModel):
    """The course of an appeal, without texts."""

    id: UUID
    number: str
    status: str
    received_at: datetime
    region: str
    channel: str
    topic_name: str | None
    organisation: str | None
    due_on: date | None
    promised_on: date | None
    steps: list[Step]


class Answered(BaseModel):
    """An answer, masked."""

    text: str
    outcome: str | None
    organisation: str | None
    answered_at: datetime


class Appeal(BaseModel):
    """An appeal as who may read texts sees it, masked."""

    text: str
    due_reason: str | None
    answers: list[Answered]


class Finish(BaseModel):
    """When an appeal is likely to be answered. `risk`: of being late."""

    expected_on: date | None
    low: date | None
    high: date | None
    risk: float | None
