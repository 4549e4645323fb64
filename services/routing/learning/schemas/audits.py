"""Audits: decisions without a person that were drawn at random, and what a coordinator finds of them."""

from __future__ import annotations

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, model_validator

from chassis.bodies import Body
from services.routing.reference.rules.region_reference import RegionReference
from services.routing.reference.schemas.organisations import OrganisationRef
from services.routing.reference.schemas.types import Code
from services.routing.tables.learning import Audit, AuditStatus, Verdict


class AuditDecision(Body):
    """Whether topic and organisation were right; what is right instead, as far as it is known."""

    verdict: Verdict
    topic: Code | None = None
    organisation: UUID | None = None

    @model_validator(mode="after")
    def _right_as_it_is(self) -> AuditDecision:
        if self.verdict == "right" and (self.topic is not None or self.organisation is not None):
            raise ValueError("a right decision has no other topic or organisation")
        return self


class AuditView(BaseModel):
    """A drawn decision. `confidence` and `model` are null until it is decided, so that they sway nobody."""

    id: UUID
    assignment_id: UUID
    appeal_id: UUID
    region: str
    text: str
    topic: str
    topic_name: str
    organisation: OrganisationRef
    drawn_at: datetime
    status: AuditStatus
    confidence: float | None
    model: UUID | None
    verdict: Verdict | None
    decided_at: datetime | None
    version: int

    @classmethod
    def of(cls, audit: Audit, text: str, reference: RegionReference) -> Self:
        """As coordinators see it; `text`: of its assignment, masked."""
        topic, is_decided = reference.topic(audit.topic), audit.status == "decided"
        return cls(
            id=audit.id,
            assignment_id=audit.assignment_id,
            appeal_id=audit.appeal_id,
            region=audit.region,
            text=text,
            topic=audit.topic,
            topic_name=topic.name if topic else audit.topic,
            organisation=OrganisationRef.of(audit.organisation_id, reference),
            drawn_at=audit.drawn_at,
            status=audit.status,
            confidence=audit.confidence if is_decided else None,
            model=audit.model_id if is_decided else None,
            verdict=audit.verdict,
            decided_at=audit.decided_at,
            version=audit.version,
        )


class AuditPage(BaseModel):
    """Drawn decisions, the oldest first."""

    items: list[AuditView]
    next_cursor: str | None
