"""Topics that a region may lack."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from chassis.bodies import Body
from services.routing.tables.learning import ProposalStatus


class ProposalDecision(Body):
    """`accepted`: the region takes it up, an administrator adds the topic; `dismissed`: it is not proposed again."""

    status: Literal["accepted", "dismissed"]


class ProposalExample(BaseModel):
    """One appeal of the group, masked."""

    appeal_id: UUID
    assignment_id: UUID
    text: str


class ProposalView(BaseModel):
    """A group of appeals that no topic fits. `words`: what marks it; `weeks`: how many came in each of the last weeks, the
    oldest first; `appeals`: how many there are."""

    id: UUID
    region: str
    status: ProposalStatus
    words: list[str]
    examples: list[ProposalExample]
    weeks: list[int]
    appeals: int
    found_at: datetime
    decided_at: datetime | None
    version: int


class ProposalPage(BaseModel):
    """Proposals, the newest first."""

    items: list[ProposalView]
    next_cursor: str | None
