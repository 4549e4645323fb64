"""Receptions and live sessions, and what became of their questions."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Body
from chassis.times import Day
from services.intake.field_types import VISIBLE, Municipality, RegionCode, not_blank
from services.intake.history.rules.statuses import AppealStatus

ReceptionKind = Literal["reception", "live"]
ShownLine = Annotated[str, not_blank(300), VISIBLE]


class NewReception(Body):
    """A reception of citizens, or a live session (`live`: a phone-in, a stream). `official`: who holds it, as announced."""

    region: RegionCode
    kind: ReceptionKind = "reception"
    held_on: Day
    place: ShownLine
    official: ShownLine
    municipality: Municipality | None = None


class ReceptionLine(BaseModel):
    """A reception in a list. `appeals`: how many name it."""

    id: UUID
    region: str
    kind: ReceptionKind
    held_on: date
    place: str
    official: str
    municipality: str | None
    appeals: int


class ReceptionView(ReceptionLine):
    """And what became of its questions, counted over appeals.

    `open`: nobody has answered, or it is being worked on again. `answered`: the present answer is out. `ended`: rejected,
    withdrawn, refused or closed without one. `overdue`: open, and its day has passed. `rated` and `solved` are the citizens'
    own words, of each appeal the last: an answer alone solves nothing.
    """

    open: int
    answered: int
    ended: int
    overdue: int
    rated: int
    solved: int


class ReceptionPage(BaseModel):
    """Receptions, the latest first."""

    items: list[ReceptionLine]
    next_cursor: str | None


class QuestionLine(BaseModel):
    """An appeal that was made at a reception; its words are read at the appeal itself."""

    id: UUID
    number: str
    channel: str
    status: AppealStatus
    received_on: date | None
    received_at: datetime
    due_on: date | None


class QuestionPage(BaseModel):
    """Its appeals, the newest first."""

    items: list[QuestionLine]
    next_cursor: str | None
