"""Problems of a region."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from web.reference import OrganisationName

State = Literal["new", "confirmed", "dismissed", "decided", "solved"]


class Place(BaseModel):
    """Where a problem is."""

    municipality: str | None
    municipality_name: str | None


class Problem(BaseModel):
    """Something that is more than it should be."""

    id: UUID
    region: str
    kind: str
    topic: str | None
    topic_name: str | None
    place: Place | None
    organisation: OrganisationName | None
    started_on: date
    detected_on: date
    observed: float
    expected: float
    state: State
    evidence_count: int
    version: int


class ProblemDay(BaseModel):
    """A day around a problem."""

    day: date
    observed: int
    expected: float | None


class ProblemStep(BaseModel):
    """A state that it came into; by statistics where there is no client."""

    state: State
    at: datetime
    reason: str | None
    client_id: str | None
    person: UUID | None


class ProblemDetails(Problem):
    """With why it is one and what was made of it."""

    explanation: list[str]
    series: list[ProblemDay]
    history: list[ProblemStep]


class Problems(BaseModel):
    """A page of them."""

    items: list[Problem]
