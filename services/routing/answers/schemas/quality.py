"""Quality of organisations' answers, as material for training officials."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel

from services.routing.reference.schemas.organisations import OrganisationRef


class ReturnedByCheck(BaseModel):
    """How many returned answers one check had found something in."""

    check: str
    answers: int


class OrganisationQuality(BaseModel):
    """An organisation's answers of a period. Shares are of `answers` (0..1), null without any; `returned` are not among
    them: such answers never went out. `examples`: ids of returned answers, the newest first."""

    region: str
    organisation: OrganisationRef
    answers: int
    returned: int
    returned_by_check: list[ReturnedByCheck]
    reopened: int
    reopened_share: float | None
    rated: int
    mean_score: float | None
    examples: list[UUID]


class Quality(BaseModel):
    """By organisation, those with the most returned answers first."""

    items: list[OrganisationQuality]
