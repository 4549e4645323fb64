"""What a report is composed of: figures as they were read, with the queries that give them again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

Value = int | float | None


@dataclass(frozen=True, slots=True)
class MeasureValue:
    """A measure of the summary in the period and in the one before."""

    key: str
    value: Value
    previous: Value


@dataclass(frozen=True, slots=True)
class Group:
    """A measure of one group, in the period and in the one before."""

    name: str
    value: Value
    previous: Value


@dataclass(frozen=True, slots=True)
class Ranked:
    """A group beside what was to be expected of it."""

    name: str
    value: Value
    expected: float | None
    low: float | None
    high: float | None
    flagged: str | None
    sample: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a line over time."""

    start: date
    value: Value


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """A decision as a report tells of it. `estimate`, `low`, `high`: relative where `relative`, else the difference."""

    title: str
    owner: str
    state: str
    due_on: date | None
    estimate: float | None
    low: float | None
    high: float | None
    relative: bool
    worked: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class ProblemLine:
    """A problem as a report tells of it."""

    title: str
    state: str
    started_on: date
    observed: float
    expected: float


@dataclass(frozen=True, slots=True)
class Gathered:
    """All of it. `subject`: whose report it is. `asked`: the filters as a query string, `territory`: only
    where. Groups and rankings in the order
    they are read in; rankings by share in time."""

    subject: str
    start: date | None
    end: date | None
    region: str | None
    as_of: datetime | None
    asked: str
    territory: str
    grain: str
    headline: Sequence[MeasureValue]
    steps: Sequence[Step]
    topics: Sequence[Group]
    municipalities: Sequence[Ranked]
    organisations: Sequence[Ranked]
    overdue: Sequence[Group]
    reopened: Sequence[Group]
    decisions: Sequence[DecisionLine]
    problems: Sequence[ProblemLine]
