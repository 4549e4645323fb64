"""A region at one glance."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from web.room.views.decisions import Decision
from web.room.views.figures import Group
from web.room.views.problems import Problem


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


class ForecastDay(BaseModel):
    """A day to come."""

    day: date
    predicted: float
    low: float
    high: float
    usual: float
    warning: bool


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
    parts: list[Group]
    definition: dict[str, str]
