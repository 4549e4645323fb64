"""What the service asks its child process, and what that answers: plain data, a line of JSON each."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal
from uuid import UUID

from pydantic import TypeAdapter

FindingKind = Literal["burst", "hotspot", "chronic", "slow_organisation", "reopenings", "new_topic"]


@dataclass(frozen=True, slots=True)
class CountedRows:
    """Appeals, one column each, "" and 0 where a value is not known. `second`: of the region's wall clock since 1970."""

    second: list[int]
    topic: list[str]
    municipality: list[str]
    cell: list[int]
    channel: list[str]


@dataclass(frozen=True, slots=True)
class Looking:
    """What to look for in the rows that follow. `problems_from`: findings of days before it are not wanted; `first_to_come`: the
    day after the last that is known whole."""

    problems_from: date
    holidays: list[date]
    first_to_come: date
    with_forecasts: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What statistics found on `detected_on`. `observed` and `expected` are appeals of the days from `started_on` to then, of
    organisations their measure. `last_on`: the last day on which it was seen to go on. `baseline`: what was expected a day,
    from `baseline_from` on. Hot spots have a middle (degrees) and a radius (metres)."""

    kind: FindingKind
    topic: str | None
    municipality: str | None
    started_on: date
    detected_on: date
    last_on: date
    observed: float
    expected: float
    p_value: float
    q_value: float
    lat: float | None = None
    lon: float | None = None
    radius_m: int | None = None
    organisation_id: UUID | None = None
    baseline_from: date | None = None
    baseline: list[float] = field(default_factory=list)

    @property
    def strength(self) -> float:
        """Observed over expected; where next to nothing was expected, over half an appeal."""
        least = 0.5 if self.organisation_id is None else 1e-9
        return self.observed / max(self.expected, least)


ForecastLevel = Literal["region", "topic", "municipality", "topic_municipality"]


@dataclass(frozen=True, slots=True)
class Outlook:
    """Appeals to be expected of a series on each day to come; `low`, `high`: 90 %, whole appeals; `usual`: the mean of the same
    weekdays of the last eight weeks. "" is no topic, or no municipality; of `topic_municipality`: not known."""

    level: ForecastLevel
    topic: str
    municipality: str
    predicted: list[float]
    low: list[float]
    high: list[float]
    usual: list[float]


@dataclass(frozen=True, slots=True)
class BackTest:
    """How good forecasts were on days they had not seen; see `signals.Accuracy`."""

    method: str
    scaled_error: float
    naive_scaled_error: float
    median_scaled_error: float
    coverage_90: float


@dataclass(frozen=True, slots=True)
class Found:
    """The child's answer; no back-test where too little is known to predict anything."""

    findings: list[Finding]
    outlooks: list[Outlook] = field(default_factory=list)
    back_test: BackTest | None = None


LOOKING: Final = TypeAdapter(Looking)
ROWS: Final = TypeAdapter(CountedRows)
FOUND: Final = TypeAdapter(Found)
