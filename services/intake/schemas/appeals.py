"""Appeals: as they are submitted, listed and read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Body
from contracts.extents import LocationNote
from contracts.intake import Channel, Regime
from services.intake.rules.history import Status
from services.intake.schemas.types import (
    AppealText,
    Code,
    ExternalId,
    Line,
    Municipality,
    RegionCode,
    SentAt,
    ShortLine,
    Words,
)


class Place(Body):
    """WGS 84 degrees."""

    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]


class ApplicantFields(BaseModel):
    """Who writes; stays encrypted in this service."""

    name: ShortLine | None = None
    email: ShortLine | None = None
    phone: ShortLine | None = None


class Applicant(ApplicantFields, Body):
    """The same as it is sent."""


class Told(Body):
    """What every appeal may say, new or past."""

    region: RegionCode
    external_id: ExternalId | None = None
    channel: Channel = "portal"
    regime: Regime = "message"
    municipality: Municipality | None = None
    address: Line | None = None
    location: Place | None = None
    applicant: Applicant | None = None


class NewAppeal(Told):
    """What a citizen says."""

    text: AppealText
    submitted_at: SentAt | None = None
    topic: Code | None = None
    complained_about: UUID | None = None
    attachments: Annotated[list[UUID], Field(max_length=20)] | None = None


class Receipt(BaseModel):
    """The answer to a submission."""

    id: UUID
    number: str
    tracking_code: str
    status: Status
    received_at: datetime


class BatchLine(BaseModel):
    """The answer to one line of a batch."""

    line: int
    status: Literal[200, 201, 403, 422, 503]
    id: UUID | None = None
    number: str | None = None
    tracking_code: str | None = None
    problem: dict[str, Any] | None = None


class Answer(BaseModel):
    """What a body answered; the text is masked."""

    id: UUID
    assignment_id: UUID | None
    text: str
    outcome: Literal["solved", "explained", "refused", "postponed"] | None
    interim: bool
    organisation: str | None
    answered_at: datetime
    promised_on: date | None


class AppealLine(BaseModel):
    """An appeal in a list. `topic` is the region's code; `location_note`: why its point is on no map."""

    id: UUID
    number: str
    status: Status
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


class AppealView(AppealLine):
    """An appeal with its answers."""

    external_id: str | None
    address: str | None
    answers: list[Answer]


class AppealPage(BaseModel):
    """Appeals, newest first."""

    items: list[AppealLine]
    next_cursor: str | None


class AppealChange(BaseModel):
    """One visible change of an own appeal."""

    appeal_id: UUID
    change: str
    status: Status
    version: int
    at: datetime


class AppealChanges(BaseModel):
    """The delta feed; the cursor is there also when there is nothing new."""

    items: list[AppealChange]
    next_cursor: str


class HistoryLine(BaseModel):
    """One thing that happened, as a Russian sentence."""

    at: datetime
    kind: str
    what: str
    reason: str | None
    organisation: str | None
    assignment_id: UUID | None


class History(BaseModel):
    """Everything that happened, in order."""

    items: list[HistoryLine]
    next_cursor: str | None


class Purpose(Body):
    """Why somebody wants to read the original."""

    purpose: Words


class SaidLater(BaseModel):
    """A clarification the citizen gave."""

    text: str
    clarified_at: datetime


class Original(BaseModel):
    """What the citizen really wrote. Every reading is logged."""

    id: UUID
    number: str
    text: str
    address: str | None
    applicant: ApplicantFields
    clarifications: list[SaidLater]
    attachments: list[UUID]
