"""Figures; `definition` says what each of them means."""

from __future__ import annotations

from datetime import date, datetime

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


class StreamEvent(Received):
    """Something that happened. Keep the `id` when you have dealt with it: with that the stream goes on behind it."""

    id: str
    event: str
    data: JsonObject


class PublicPart(Received):
    """A group of topics or a municipality of a public summary."""

    key: str | None = None
    name: str | None = None
    received: int
    in_time_share: float | None = None
    satisfaction: float | None = None
    median_hours_to_answer: float | None = None


class PublicSummary(Received):
    """What everybody may know of a region: its last whole month (`since` to `until`, which is exclusive) and its year."""

    region: str
    since: date = Field(alias="from")
    until: date = Field(alias="to")
    as_of: datetime | None = None
    received: int | None = None
    answered: int | None = None
    in_time_share: float | None = None
    satisfaction: float | None = None
    median_hours_to_answer: float | None = None
    groups: list[PublicPart] = Field(default_factory=list)
    municipalities: list[PublicPart] = Field(default_factory=list)
    year: JsonObject | None = None
    definition: dict[str, str] = Field(default_factory=dict)
