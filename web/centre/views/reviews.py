"""Answers that wait for a decision, and what waits for a moderator."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from web.reference import OrganisationName


class Finding(BaseModel):
    """What a check found; `phrase`: the piece that triggered it."""

    check: str
    severity: str
    phrase: str
    advice: str


class ReviewItem(BaseModel):
    """An answer that waits; `question`: the appeal, masked; `version`: of the assignment."""

    id: UUID
    assignment_id: UUID
    appeal_id: UUID
    region: str
    number: str
    organisation: OrganisationName
    question: str
    text: str
    outcome: str | None
    interim: bool
    promised_on: date | None
    checks: list[Finding]
    mode: str
    submitted_at: datetime
    version: int


class ReviewPage(BaseModel):
    """A page of them."""

    items: list[ReviewItem]
    next_cursor: str | None


class AnswerState(BaseModel):
    """An answer after a decision."""

    id: UUID
    appeal_id: UUID
    state: str
    reasons: list[str]


class Flag(BaseModel):
    """What a moderator should know, with the words that speak for it."""

    flag: str
    phrase: str


class Objection(BaseModel):
    """What the citizen says against the last decision."""

    text: str
    objected_at: datetime


class ModerationLine(BaseModel):
    """An appeal that waits for a moderator."""

    id: UUID
    number: str
    region: str
    channel: str
    status: str
    text: str
    received_at: datetime
    flags: list[Flag]
    objection: Objection | None


class ModerationPage(BaseModel):
    """Objections first, then by age."""

    items: list[ModerationLine]
    next_cursor: str | None


class Moderated(BaseModel):
    """After a decision."""

    id: UUID
    status: str


class Decided(BaseModel):
    """One of many decisions; `status`: 200, or why not."""

    id: UUID
    status: int


class DecisionsResult(BaseModel):
    """All of them."""

    items: list[Decided]
