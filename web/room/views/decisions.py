"""Decisions and what they changed."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

DecisionState = Literal["planned", "running", "done", "dropped"]


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
