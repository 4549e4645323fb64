"""The moderator's work list, and decisions."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Body
from chassis.problems import Problem
from contracts.moderation import Flag
from services.intake.field_types import Words
from services.intake.history.rules.statuses import AppealStatus

MOST_AT_ONCE = 500
Verdict = Literal["accept", "reject", "hide"]


class FlagView(BaseModel):
    """A flag, and the words of the masked text that it was given for; empty where no words speak for it."""

    flag: Flag
    phrase: str


class ObjectionView(BaseModel):
    """What the citizen says against the last decision, masked."""

    text: str
    objected_at: datetime


class ModerationLine(BaseModel):
    """An appeal waiting for a moderator; `objection`: because its applicant does not agree with the last decision."""

    id: UUID
    number: str
    region: str
    channel: str
    status: AppealStatus
    text: str
    received_at: datetime
    version: int
    flags: list[FlagView]
    objection: ObjectionView | None


class ModerationPage(BaseModel):
    """The queue: objections first, then by age."""

    items: list[ModerationLine]
    next_cursor: str | None


class ModerationDecision(Body):
    """What the moderator decided and why."""

    decision: Verdict
    reason: Words


class Moderated(BaseModel):
    """The appeal after the decision."""

    id: UUID
    status: AppealStatus
    version: int


class DecisionFields(Body):
    """What every decision needs, given once for all or with an item."""

    decision: Verdict | None = None
    reason: Words | None = None


class DecisionItem(DecisionFields):
    """One appeal, and what is special about it."""

    id: UUID


class Decisions(DecisionFields):
    """Decisions on many appeals; a field of an item wins over the common one."""

    items: Annotated[list[DecisionItem], Field(min_length=1, max_length=MOST_AT_ONCE)]

    def fields_of(self, item: DecisionItem) -> dict[str, object]:
        """What the single decision on this item is sent."""
        given = {"decision": item.decision or self.decision, "reason": item.reason or self.reason}
        return {name: value for name, value in given.items() if value is not None}


class DecisionDone(BaseModel):
    """A decision that was taken."""

    id: UUID
    status: Literal[200] = 200
    appeal: Moderated


class DecisionProblem(BaseModel):
    """Why it was refused (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str | None = None
    errors: list[dict[str, str]] = []


class DecisionRefused(BaseModel):
    """A decision that was not taken, and why."""

    id: UUID
    status: int
    problem: DecisionProblem

    @classmethod
    def of(cls, item: DecisionItem, problem: Problem) -> DecisionRefused:
        """With the document that the single decision would have answered."""
        return cls(
            id=item.id, status=problem.status, problem=DecisionProblem.model_validate(problem.document())
        )


class DecisionsResult(BaseModel):
    """What became of each item, in the order they were sent in."""

    items: list[DecisionDone | DecisionRefused]
