"""What a citizen really wrote, opened for a purpose."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, WithJsonSchema

from chassis.bodies import Body
from services.intake.field_types import ShortLine, Words

# A camera knows no offset: what looks like an instant is none.
CameraTime = Annotated[datetime, WithJsonSchema({"type": "string"})]


class ApplicantFields(BaseModel):
    """Who writes; stays encrypted in this service."""

    name: ShortLine | None = None
    email: ShortLine | None = None
    phone: ShortLine | None = None


class StatedPurpose(Body):
    """Why somebody wants to read the original."""

    purpose: Words


class Clarification(BaseModel):
    """A clarification the citizen gave."""

    text: str
    clarified_at: datetime


class PhotoEvidence(BaseModel):
    """When (by the camera's own clock) and where a photo was taken, as its camera noted; null where it noted nothing."""

    attachment_id: UUID | None = None
    taken_at: CameraTime | None
    lat: float | None
    lon: float | None


class Original(BaseModel):
    """What the citizen really wrote. Every reading is logged."""

    id: UUID
    number: str
    text: str
    address: str | None
    applicant: ApplicantFields
    clarifications: list[Clarification]
    attachments: list[UUID]
    photos: list[PhotoEvidence]
