"""Figures; `definition` says what each of them means."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from otklik.models.base import JsonObject, Received


class Summary(Received):
    """The main figures; `definition` says what each of them means."""

    region: str | None = None
    as_of: datetime | None = None
    received: int
    assigned: int | None = None
    in_triage: int | None = None
    answered: int | None = None
    in_time_share: float | None = None
    breached: int | None = None
    reopened: int | None = None
    reopened_share: float | None = None
    satisfaction: float | None = None
    median_hours_to_first_reaction: float | None = None
    median_hours_to_answer: float | None = None
    p90_hours_to_answer: float | None = None
    backlog: int | None = None
    previous: JsonObject | None = None
    definition: dict[str, str] = Field(default_factory=dict)


class Point(Received):
    """The beginning of a local hour, day, week or month, and its value."""

    at: datetime
    value: float | None = None


class Series(Received):
    """One line of a chart."""

    key: str | None = None
    name: str | None = None
    points: list[Point] = Field(default_factory=list)


class TimeSeries(Received):
    """The lines of a chart."""

    series: list[Series]
    as_of: datetime | None = None
    definition: dict[str, str] = Field(default_factory=dict)


class BreakdownItem(Received):
    """One row of a breakdown."""

    key: str | None = None
    name: str | None = None
    value: float | None = None
    share: float | None = None
    previous: float | None = None


class Breakdown(Received):
    """A figure by topic, organisation, territory or channel."""

    items: list[BreakdownItem]
    as_of: datetime | None = None
    definition: dict[str, str] = Field(default_factory=dict)


class FigureRow(Received):
    """One value, flat: of a step of a line, or of a group; what the kind of figures has not is None."""

    key: str | None = None
    name: str | None = None
    metric: str
    metric_name: str | None = None
    value: float | None = None
    at: datetime | None = None
    share: float | None = None
    previous: float | None = None
    expected: float | None = None
    low: float | None = None
    high: float | None = None
    flagged: str | None = None
    sample: int | None = None


class FigureRows(Received):
    """Figures as a flat table."""

    rows: list[FigureRow]
    as_of: datetime | None = None
    definition: dict[str, str] = Field(default_factory=dict)
