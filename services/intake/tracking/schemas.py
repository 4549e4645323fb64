"""The citizen's own page: nothing personal in it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Body
from contracts.intake import Channel, Regime
from services.intake.field_types import Note, Words
from services.intake.history.rules.statuses import AppealStatus
from services.intake.history.schemas import Answer


class TimelineLine(BaseModel):
    """One thing that happened, as a citizen is shown it."""

    at: datetime
    kind: str
    what: str
    reason: str | None
    organisation: str | None


class TrackView(BaseModel):
    """Where an appeal stands. `topic` and `organisation` are names; `due_reason` explains the deadline. `notice`:
    call 112, while life seems to be in danger and nobody has answered."""

    number: str
    status: AppealStatus
    status_name: str
    received_at: datetime
    due_on: date | None
    due_reason: str | None
    organisation: str | None
    topic: str | None
    timeline: list[TimelineLine]
    answers: list[Answer]
    promised_on: date | None
    notice: str | None
    may_rate: bool
    may_clarify: bool
    may_withdraw: bool
    may_object: bool


class ReceiptView(BaseModel):
    """What a citizen is given to keep, without anything personal: that the appeal is registered, when it came, by which law
    it is considered and until when. `lines`: the same as sentences to be printed."""

    number: str
    status: AppealStatus
    status_name: str
    received_at: datetime
    received_on: date
    region: str
    region_name: str
    channel: Channel
    regime: Regime
    due_on: date | None
    due_reason: str | None
    organisation: str | None
    topic: str | None
    lines: list[str]


class NewRating(Body):
    """The citizen's judgement of the newest answer. `reached`: somebody was in touch; `satisfied`: with how it went
    (left out: as the score implies)."""

    score: Annotated[int, Field(ge=1, le=5)]
    solved: bool
    reached: bool | None = None
    satisfied: bool | None = None
    comment: Note | None = None


class Rating(BaseModel):
    """A stored rating; `reopened` tells whether the question went back to work. `notice`: call 112, where the comment speaks of a
    danger to life."""

    answer_id: UUID
    score: int
    solved: bool
    reopened: bool
    rated_at: datetime
    notice: str | None = None


class NewClarification(Body):
    """The citizen's reply to an organisation's question."""

    text: Words


class Clarified(BaseModel):
    """The clarification is on its way to the body. `notice`: call 112, where it tells of a danger to life."""

    clarified_at: datetime
    notice: str | None = None


class NewObjection(Body):
    """Why the appeal should not have been rejected or hidden."""

    text: Words


class Objected(BaseModel):
    """A moderator will look at the appeal again. `notice`: call 112, where it speaks of a danger to life."""

    objected_at: datetime
    notice: str | None = None


class Withdrawn(BaseModel):
    """Consideration stops."""

    status: AppealStatus
    withdrawn_at: datetime
