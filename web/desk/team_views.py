"""What the platform answers about how an organisation works."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel


class Figures(BaseModel):
    """Figures of a period; shares are 0..1, times are hours, None where there is nothing to count."""

    received: int | None
    answered: int | None
    in_time_share: float | None
    breached: int | None
    reopened: int | None
    satisfaction: float | None
    median_hours_to_first_reaction: float | None
    median_hours_to_answer: float | None
    backlog: int | None


class Summary(Figures):
    """Those of a period, those of the one before it, and what each figure means."""

    previous: Figures | None
    definition: dict[str, str]


class HandedOver(BaseModel):
    """How many went to another person."""

    handed_over: int


class ReturnedByCheck(BaseModel):
    """How many returned answers a check had found something in."""

    check: str
    answers: int


class OrganisationQuality(BaseModel):
    """Answers of a year. `examples`: returned answers, the newest first."""

    answers: int
    returned: int
    returned_by_check: list[ReturnedByCheck]
    reopened: int
    reopened_share: float | None
    rated: int
    mean_score: float | None
    examples: list[UUID]


class Quality(BaseModel):
    """Of one's own organisation: one item, or none where it has answered nothing."""

    items: list[OrganisationQuality]
