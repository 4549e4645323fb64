"""Appeals as they are submitted, and the answers to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Body, Place
from chassis.times import Day
from contracts.intake import Channel, Regime
from services.intake.attachments.rules.kinds import MOST_FILES
from services.intake.field_types import AppealText, Code, ExternalId, Line, Municipality, RegionCode, SentAt
from services.intake.history.rules.statuses import AppealStatus
from services.intake.originals.schemas import ApplicantFields


class Applicant(ApplicantFields, Body):
    """The same as it is sent."""


class AppealFields(Body):
    """The fields of every appeal, new or past."""

    region: RegionCode
    external_id: ExternalId | None = None
    channel: Channel = "portal"
    regime: Regime = "message"
    municipality: Municipality | None = None
    address: Line | None = None
    location: Place | None = None
    applicant: Applicant | None = None


class NewAppeal(AppealFields):
    """An appeal as a citizen sends it, or as a coordinator enters it: `received_on` is then the legal day of receipt, where
    the register clock starts, and `reception_id` the reception or live session it was made at."""

    text: AppealText
    submitted_at: SentAt | None = None
    received_on: Day | None = None
    reception_id: UUID | None = None
    topic: Code | None = None
    complained_about: UUID | None = None
    attachments: Annotated[list[UUID], Field(max_length=MOST_FILES)] | None = None


class Receipt(BaseModel):
    """The answer to a submission. `notice`: what the sender should read at once – that life seems to be in danger and
    112 is the number to call –, null as a rule."""

    id: UUID
    number: str
    tracking_code: str
    status: AppealStatus
    received_at: datetime
    notice: str | None


class BatchLine(BaseModel):
    """The answer to one line of a batch."""

    line: int
    status: Literal[200, 201, 403, 422, 503]
    id: UUID | None = None
    number: str | None = None
    tracking_code: str | None = None
    notice: str | None = None
    problem: dict[str, Any] | None = None
