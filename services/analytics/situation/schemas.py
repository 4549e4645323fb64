"""What a situation room shows of a region at one glance."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel

from services.analytics.decisions.schemas import DecisionView
from services.analytics.digest.rules.days import Level
from services.analytics.figures.schemas import BreakdownItem, Figures, RegionAndPeriod, WithDefinitions
from services.analytics.forecasts.schemas import ForecastItem
from services.analytics.problems.schemas import ProblemItem


class SituationDay(BaseModel):
    """How many appeals came on a day of the region."""

    day: date
    received: int


class UsualDay(BaseModel):
    """The last whole day beside days like it: `expected`, and `low` to `high` for four of five; all null, as `level`, where too
    few like days are known."""

    day: date
    received: int
    level: Level | None
    expected: float | None
    low: float | None
    high: float | None


class LateOrganisation(BaseModel):
    """An organisation with deadlines that passed without an answer, which still wait. `in_time_share` with what was to be expected
    of its mix of topics and months and the 95 % control limits; null below the minimum sample. `flagged`: where it lies
    beyond them."""

    key: str
    name: str
    overdue: int
    in_time_share: float | None
    expected: float | None
    low: float | None
    high: float | None
    flagged: Literal["better", "worse"] | None
    sample: int


class Situation(RegionAndPeriod, WithDefinitions):
    """Figures of the period and of the one before, the days up to now, who is late, what is unusual, what comes, what was decided.

    `problems`: those that wait for a decision, the strongest first; `forecast`: seven days of the whole that is asked about;
    `decisions`: the newest; `parts`: what was received, by the dimension that was asked for, null where none was.
    """

    subject: str
    figures: Figures
    previous: Figures | None
    days: list[SituationDay]
    last_day: UsualDay
    late: list[LateOrganisation]
    problems: list[ProblemItem]
    forecast: list[ForecastItem]
    decisions: list[DecisionView]
    parts: list[BreakdownItem] | None
