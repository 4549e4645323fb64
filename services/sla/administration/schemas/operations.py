"""The operator's rebuild."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Body
from services.sla.calendars.schemas import Region


class RebuildBody(Body):
    """Appeals to count anew from their journals now; without them: all of `regions`, in the background."""

    appeal_ids: list[UUID] = Field(default_factory=list, max_length=1000)
    regions: list[Region] = Field(default_factory=list, max_length=89)
    all: bool = False


class Rebuilt(BaseModel):
    """What was counted at once, how many of them differed, and which regions are being worked through."""

    appeals: int
    changed: int
    queued: list[str]
