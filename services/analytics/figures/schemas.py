"""What analytics answers, and the types of what it is asked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Query
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from services.analytics.figures.rules.measures import MEASURES
from services.analytics.figures.rules.measures.measure import SampleUnit, Unit

Value = int | float | None


def _clean(value: str) -> str:
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) <= 0xDFFF for letter in value):
        raise ValueError("control characters are not allowed")
    return value


def _known_measure(value: str) -> str:
    if value not in MEASURES:
        raise ValueError("unknown measure, see /api/v1/analytics/measures")
    return value


Code = Annotated[str, Query(min_length=1, max_length=128), AfterValidator(_clean)]
MeasureKey = Annotated[
    str,
    Query(description="Key of a measure.", max_length=64, json_schema_extra={"enum": sorted(MEASURES)}),
    AfterValidator(_known_measure),
]

AnswerFormat = Annotated[
    Literal["json", "rows"],
    Query(
        alias="format",
        description="`rows`: flat rows of single values that tools read as a table; `json`: the figures as they belong together.",
    ),
]


class WithDefinitions(BaseModel):
    """What every answer carries: how fresh it is and what its figures mean.

    Everything that happened before `as_of` is counted; null while that is not known.
    """

    as_of: datetime | None
    definition: dict[str, str]


class Figures(BaseModel):
    """The measures of a summary; null where nothing counts."""

    received: int
    assigned: int
    in_triage: int
    answered: int
    in_time_share: float | None
    breached: int
    reopened: int
    reopened_share: float | None
    satisfaction: float | None
    median_hours_to_first_reaction: float | None
    median_hours_to_answer: float | None
    p90_hours_to_answer: float | None
    backlog: int


class RegionAndPeriod(BaseModel):
    """The region and the period an answer is about."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    region: str | None
    start: date | None = Field(alias="from")
    end: date | None = Field(alias="to")


class Summary(Figures, RegionAndPeriod, WithDefinitions):
    """All figures of a scope, and those of the period of the same length just before."""

    previous: Figures | None


class Point(BaseModel):
    """One step of a series: the beginning of the local hour, day, week or month."""

    at: datetime
    value: Value


class Series(BaseModel):
    """One line; `key` is null for appeals without that property, and for the line of everything."""

    key: str | None
    name: str
    points: list[Point]


class Timeseries(WithDefinitions):
    """One line, or one per group."""

    metric: str
    grain: str
    series: list[Series]


class SeriesRow(BaseModel):
    """One step of one line, flat. `metric_name`: in Russian."""

    at: datetime
    key: str | None
    name: str
    metric: str
    metric_name: str
    value: Value


class TimeseriesRows(WithDefinitions):
    """A time series as flat rows (`format=rows`), line by line, each from its beginning."""

    rows: list[SeriesRow]


class BreakdownItem(BaseModel):
    """One group. `share` of the sum of all groups (counts only)."""

    key: str | None
    name: str
    value: Value
    share: float | None
    previous: Value


class Breakdown(WithDefinitions):
    """Groups, largest first."""

    metric: str
    by: str
    items: list[BreakdownItem]


class BreakdownRow(BreakdownItem):
    """One group, flat. `metric_name`: in Russian."""

    metric: str
    metric_name: str


class BreakdownRows(WithDefinitions):
    """A breakdown as flat rows (`format=rows`), the largest group first."""

    rows: list[BreakdownRow]


class MeasureItem(BaseModel):
    """One measure of the registry. `ranked`: whether organisations and municipalities are compared by it."""

    key: str
    name: str
    name_en: str
    unit: Unit
    formula: str
    grain: SampleUnit
    minimum_sample: int
    ranked: bool
    definition: str


class Measures(WithDefinitions):
    """The registry."""

    items: list[MeasureItem]
