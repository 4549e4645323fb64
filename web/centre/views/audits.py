"""Audits that need a decision, and what those so far say of the model that decides."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from web.reference import OrganisationName


class Audit(BaseModel):
    """A decision without a person, to be judged; `confidence`: 0..1, only once it is decided."""

    id: UUID
    appeal_id: UUID
    region: str
    text: str
    topic_name: str
    organisation: OrganisationName
    drawn_at: datetime
    status: str
    confidence: float | None
    verdict: str | None
    version: int


class AuditPage(BaseModel):
    """A page of them."""

    items: list[Audit]
    next_cursor: str | None


class Precision(BaseModel):
    """The share of right decisions, 0..1, with its 95 % interval; None where too few were judged. `sample`: how many were."""

    precision: float | None
    low: float | None
    high: float | None
    sample: int


class Live(BaseModel):
    """Of all topics together."""

    all: Precision


class ModelState(BaseModel):
    """A model and how good its decisions are."""

    status: str
    live: Live


class Models(BaseModel):
    """Those of a region."""

    items: list[ModelState]

    @property
    def judged(self) -> Precision | None:
        """Of the model that decides now."""
        return next((each.live.all for each in self.items if each.status == "current"), None)
