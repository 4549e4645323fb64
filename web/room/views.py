"""What the platform answers, as far as the room shows it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

State = Literal["new", "confirmed", "dismissed", "decided", "solved"]
DecisionState = Literal["planned", "running", "done", "dropped"]


class Figures(BaseModel):
    """The figures of a period."""

    received: int
    in_triage: int
    answered: int
    in_time_share: float | None
    breached: int
    reopened_share: float | None
    satisfaction: float | None
    median_hours_to_answer: float | None
    backlog: int


class Day(BaseModel):
    """A day and what came on it."""

    day: date
    received: int


class UsualDay(Day):
    """The last whole day beside days like it."""

    level: Literal["calmer", "usual", "tenser"] | None
    expected: float | None
    low: float | None
    high: float | None


class Late(BaseModel):
    """An organisation with something overdue."""

    key: str
    name: str
    overdue: int
    in_time_share: float | None
    expected: float | None
    low: float | None
    high: float | None
    flagged: Literal["better", "worse"] | None
    sample: int


class Place(BaseModel):
    """Where a problem is."""

    municipality: str | None
    municipality_name: str | None


class Named(BaseModel):
    """An organisation."""

    id: UUID
    name: str


class Problem(BaseModel):
    """Something that is more than it should be."""

    id: UUID
    region: str
    kind: str
    topic: str | None
    topic_name: str | None
    place: Place | None
    organisation: Named | None
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


class ForecastDay(BaseModel):
    """A day to come."""

    day: date
    predicted: float
    low: float
    high: float
    usual: float
    warning: bool


class Effect(BaseModel):
    """What a decision changed."""

    estimate: float
    low: float
    high: float
    worked: bool
    weeks: int
    relative: bool


class Decision(BaseModel):
    """A management decision."""

    id: UUID
    region: str
    problem_id: UUID | None
    title: str
    text: str | None
    owner: str
    due_on: date | None
    started_on: date | None
    state: DecisionState
    topic: str | None
    municipality: str | None
    organisation: UUID | None
    metric: str
    effect: Effect | None
    effect_note: str | None
    version: int


class EffectWeek(BaseModel):
    """A week of what a decision is judged by."""

    week: date
    observed: float | None
    expected: float
    low: float
    high: float


class DecisionDetail(Decision):
    """With its weeks."""

    series: list[EffectWeek]
    definition: dict[str, str]


class Situation(BaseModel):
    """A region at one glance."""

    region: str
    subject: str
    as_of: datetime | None
    figures: Figures
    previous: Figures | None
    days: list[Day]
    last_day: UsualDay
    late: list[Late]
    problems: list[Problem]
    forecast: list[ForecastDay]
    decisions: list[Decision]
    definition: dict[str, str]


class Group(BaseModel):
    """A part and its value."""

    key: str | None
    name: str
    value: float | None
    previous: float | None


class Breakdown(BaseModel):
    """Parts, the largest first."""

    items: list[Group]
    as_of: datetime | None
    definition: dict[str, str]


class Polygon(BaseModel):
    """GeoJSON."""

    coordinates: list[list[tuple[float, float]]]


class CellProperties(BaseModel):
    """How many came from a cell."""

    received: int


class CellFeature(BaseModel):
    """One H3 cell."""

    geometry: Polygon
    properties: CellProperties


class Heatmap(BaseModel):
    """Cells with at least `minimum` appeals."""

    minimum: int
    features: list[CellFeature]


class Counted(BaseModel):
    """An appeal behind a figure."""

    id: UUID
    received_at: datetime
    region: str
    topic: str | None
    topic_name: str | None = None
    organisation: UUID | None
    organisation_name: str | None = None
    municipality: str | None
    municipality_name: str | None = None
    status: str
    due_at: datetime | None
    answered_at: datetime | None


class CountedPage(BaseModel):
    """Part of them, the newest first."""

    items: list[Counted]
    next_cursor: str | None
    definition: dict[str, str] = Field(default_factory=dict)


class Step(BaseModel):
    """One thing that happened to an appeal."""

    at: datetime
    what: str
    reason: str | None = None
    person: UUID | None = None


class Outline(BaseModel):
    """The course of an appeal, without texts."""

    id: UUID
    number: str
    status: str
    received_at: datetime
    region: str
    channel: str
    topic_name: str | None
    organisation: str | None
    due_on: date | None
    promised_on: date | None
    steps: list[Step]


class Answered(BaseModel):
    """An answer, masked."""

    text: str
    outcome: str | None
    organisation: str | None
    answered_at: datetime


class Appeal(BaseModel):
    """An appeal as who may read texts sees it, masked."""

    text: str
    due_reason: str | None
    answers: list[Answered]


class Finish(BaseModel):
    """When an appeal is likely to be answered. `risk`: of being late."""

    expected_on: date | None
    low: date | None
    high: date | None
    risk: float | None


class PersonName(BaseModel):
    """Who a person of a history is."""

    id: UUID
    name: str
    position: str = ""


class PersonNames(BaseModel):
    """Those asked for."""

    items: list[PersonName]
