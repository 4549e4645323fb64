"""Answers in review, decisions on them, an answer with all that belongs to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from chassis.bodies import Body
from contracts.routing import Outcome
from services.routing.answers.rules.signatures import read_signature
from services.routing.answers.schemas.checks import CheckFinding
from services.routing.assignments.schemas.acts import NewAnswer
from services.routing.assignments.schemas.assignments import AnswerView
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.reference.schemas.types import ShortWords

ItemMode = Literal["none", "sample", "risk", "all", "signature"]


def _well_formed(encoded: str) -> str:
    read_signature(encoded)
    return encoded


# 64 kB in base64, with line ends.
Signature = Annotated[str, StringConstraints(min_length=4, max_length=92_000), AfterValidator(_well_formed)]


class SignedAnswer(NewAnswer):
    """The answer; a `.sig` file may come with it (detached PKCS#7 in base64): its form is checked, not whose it is."""

    signature: Signature | None = None


class Review(Body):
    """A coordinator's decision; whoever returns an answer says why."""

    decision: Literal["approve", "return"]
    reasons: Annotated[list[ShortWords], Field(max_length=20)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _why(self) -> Review:
        if self.decision == "return" and not self.reasons:
            raise ValueError("an answer is returned with reasons")
        return self


class ReviewItem(BaseModel):
    """An answer that waits. `risk`: 0..1; `mode`: the region's, `signature` while another person has to sign; `version`: of
    the assignment, for `If-Match`; `question`: the appeal, masked."""

    id: UUID
    assignment_id: UUID
    appeal_id: UUID
    region: str
    number: str
    organisation: OrganisationRef
    question: str
    text: str
    outcome: Outcome | None
    interim: bool
    promised_on: date | None
    checks: list[CheckFinding]
    risk: float
    mode: ItemMode
    submitted_at: datetime
    version: int


class ReviewPage(BaseModel):
    """Part of the list, oldest first."""

    items: list[ReviewItem]
    next_cursor: str | None


class AnswerDetails(AnswerView):
    """An answer in full, with its files; what was found in it and why it was returned are for officials."""

    checks: list[CheckFinding]
    reasons: list[str]
    signature: str | None
    attachments: list[UUID]
