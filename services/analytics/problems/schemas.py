"""Problems as officials see them, and what they send."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, Field

from chassis.bodies import Body
from services.analytics.evidence.schemas import EvidenceItem
from services.analytics.problems.rules.reasons import LONGEST
from services.analytics.tables.problems import ProblemKind, ProblemState


class ProblemPlace(BaseModel):
    """Where it is: a municipality, or a circle in one; null numbers where there is no circle."""

    municipality: str | None
    municipality_name: str | None
    lat: float | None
    lon: float | None
    radius_m: int | None


class ProblemOrganisation(BaseModel):
    """The organisation it is about."""

    id: UUID
    name: str


class ProblemItem(BaseModel):
    """Something that is more than it should be. `place` is null where it is everywhere. `strength`: observed over expected.
    `follows`: the solved problem that it is once more; `merged_into`: the problem that it is part of."""

    id: UUID
    region: str
    kind: ProblemKind
    topic: str | None
    topic_name: str | None
    place: ProblemPlace | None
    organisation: ProblemOrganisation | None
    started_on: date
    detected_on: date
    last_on: date
    observed: float
    expected: float
    strength: float
    p_value: float
    q_value: float
    state: ProblemState
    is_quiet: bool
    evidence_count: int
    follows: UUID | None
    merged_into: UUID | None
    version: int


class ProblemPage(BaseModel):
    """Part of the register, what was found last first."""

    items: list[ProblemItem]
    next_cursor: str | None


class ProblemDay(BaseModel):
    """A day of what it is about: appeals, and how many were expected where that is known."""

    day: date
    observed: int
    expected: float | None


class ProblemHistoryItem(BaseModel):
    """A state it came into. By statistics where there is no `client_id`. `reason` is for those who decide."""

    state: ProblemState
    at: datetime
    reason: str | None
    merged_into: UUID | None
    client_id: str | None
    person: UUID | None
    version: int


class ProblemDetails(ProblemItem):
    """A problem with why it is one, the days around it and what was made of it."""

    explanation: list[str]
    series: list[ProblemDay]
    history: list[ProblemHistoryItem]


class ProblemAppealPage(BaseModel):
    """Part of the appeals behind a problem, the newest first."""

    items: list[EvidenceItem]
    next_cursor: str | None


class ProblemDecision(Body):
    """What it is taken for. `reason`: needed to dismiss; it names nobody. `into`: the problem that this one is part of; then it
    is dismissed and what is found of it counts for the other."""

    state: ProblemState
    reason: Annotated[str | None, Field(max_length=LONGEST)] = None
    into: UUID | None = None


class ProblemNews(BaseModel):
    """What listeners are told of a problem: codes only."""

    id: UUID
    region: str
    kind: ProblemKind
    topic: str | None
    municipality: str | None
    organisation: UUID | None
    state: ProblemState
    detected_on: date
