"""Appeals as portals, organisations and coordinators read them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from contracts.extents import LocationNote
from contracts.intake import Regime
from services.intake.channels.schemas import SourceView
from services.intake.history.rules.statuses import AppealStatus, ChangeKind
from services.intake.history.schemas import Answer


class AppealLine(BaseModel):
    """An appeal in a list. `topic` is the region's code; `location_note`: why its point is on no map."""

    id: UUID
    number: str
    status: AppealStatus
    received_at: datetime
    region: str
    municipality: str | None
    channel: str
    regime: Regime
    topic: str | None
    topic_name: str | None
    text: str
    due_on: date | None
    due_reason: str | None
    organisation: str | None
    organisation_id: UUID | None
    promised_on: date | None
    location_note: LocationNote | None
    version: int


class HistoryLine(BaseModel):
    """One thing that happened, as a Russian sentence."""

    at: datetime
    kind: str
    what: str
    reason: str | None
    organisation: str | None
    assignment_id: UUID | None
    person: UUID | None


class AppealView(AppealLine):
    """An appeal with its answers. `received_on`: the legal day of receipt of what was entered by hand. `notice`: call 112, while
    life seems to be in danger and nobody has answered. `source`: the watched page of a social network that it comes from; null
    where it came another way. `history`: everything that happened, in order; null where it was not asked for."""

    external_id: str | None
    received_on: date | None
    reception_id: UUID | None
    address: str | None
    notice: str | None
    answers: list[Answer]
    source: SourceView | None
    history: list[HistoryLine] | None


class OutlineStep(BaseModel):
    """One thing that happened, as a Russian sentence without anybody's words."""

    at: datetime
    kind: str
    what: str
    organisation: str | None
    assignment_id: UUID | None


class AppealOutline(BaseModel):
    """The course of an appeal for who may read no texts: what it is about, whose it is, its deadline, everything that happened."""

    id: UUID
    number: str
    status: AppealStatus
    received_at: datetime
    region: str
    municipality: str | None
    channel: str
    regime: Regime
    topic: str | None
    topic_name: str | None
    organisation: str | None
    organisation_id: UUID | None
    due_on: date | None
    promised_on: date | None
    steps: list[OutlineStep]


class AppealPage(BaseModel):
    """Appeals, newest first."""

    items: list[AppealLine]
    next_cursor: str | None


class AppealChange(BaseModel):
    """One visible change of an own appeal."""

    appeal_id: UUID
    external_id: str | None
    change: ChangeKind
    status: AppealStatus
    version: int
    at: datetime


class AppealChanges(BaseModel):
    """The delta feed; the cursor is there also when there is nothing new."""

    items: list[AppealChange]
    next_cursor: str


class History(BaseModel):
    """Everything that happened, in order."""

    items: list[HistoryLine]
    next_cursor: str | None
