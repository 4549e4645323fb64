"""The appeals behind a figure."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel

from services.analytics.figures.schemas import WithDefinitions


class EvidenceItem(BaseModel):
    """One appeal; of an organisation's figures one of its assignments. No texts, no persons. Names are null where nobody has
    given any."""

    id: UUID
    assignment_id: UUID | None
    region: str
    received_at: datetime
    topic: str | None
    topic_name: str | None = None
    organisation: UUID | None
    organisation_name: str | None = None
    municipality: str | None
    municipality_name: str | None = None
    status: str
    due_at: datetime | None
    first_reaction_at: datetime | None
    answered_at: datetime | None


class EvidencePage(WithDefinitions):
    """Part of what a figure counts, the newest first."""

    metric: str
    items: list[EvidenceItem]
    next_cursor: str | None
