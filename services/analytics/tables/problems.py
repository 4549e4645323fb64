"""The register of problems: what statistics found and what people made of it. No replay or rebuild of facts touches it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from sqlalchemy import ARRAY, Float, Index

from chassis.tables import BIG, NOW, Key, default, define_table
from services.analytics.tables.schema import metadata

ProblemKind = Literal["burst", "hotspot", "chronic", "slow_organisation", "reopenings", "new_topic"]
ProblemState = Literal["new", "confirmed", "dismissed", "decided", "solved"]


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """Something that is more than it should be, once however often it is found again.

    `observed`, `expected`: appeals of the days up to `detected_on` when it was worst; of organisations their measure (hours,
    a share). `strength`: the one over the other. `state_on`: the region's day on which its state began. `baseline`: what was
    expected a day, from `baseline_from` on. `is_quiet`: it has not gone on for two weeks. `follows`: the solved problem that it
    is once more; `merged_into`: the problem that a person takes it for.
    """

    region: Key[str]
    id: Key[UUID]
    kind: ProblemKind
    topic: str | None
    municipality: str | None
    lat: float | None
    lon: float | None
    radius_m: int | None
    organisation_id: UUID | None
    started_on: date
    detected_on: date
    last_on: date
    observed: float
    expected: float
    p_value: float
    q_value: float
    strength: float
    state: Annotated[ProblemState, default("'new'")]
    state_on: date
    evidence_count: Annotated[int, default("0")]
    follows: UUID | None
    merged_into: UUID | None
    baseline_from: date | None
    baseline: Annotated[list[float], ARRAY(Float()), default("'{}'")]
    is_quiet: Annotated[bool, default("false")]
    version: Annotated[int, default("1")]


@dataclass(frozen=True, slots=True)
class ProblemChange:
    """A state that a problem came into, by a person or (without a client) by what was found; `version`: that it made."""

    region: Key[str]
    problem_id: Key[UUID]
    version: Key[int]
    municipality: str | None
    state: ProblemState
    reason: str | None
    merged_into: UUID | None
    client_id: str | None
    person: UUID | None
    changed_at: Annotated[datetime, NOW]


@dataclass(frozen=True, slots=True)
class ProblemRun:
    """How far a region has been looked through. `analysed_to`: its last whole day; `counted`: appeals up to then;
    `seconds`: what the last look cost; `attempted_at`: when it began, whether or not it came to an end."""

    region: Key[str]
    analysed_to: date | None
    counted: Annotated[int, BIG, default("0")]
    seconds: Annotated[float, default("0")]
    attempted_at: datetime


problem = define_table(
    metadata,
    "problem",
    ProblemRow,
    Index(None, "region", "detected_on", "id"),
    Index(None, "region", "last_on"),
)
problem_change = define_table(metadata, "problem_change", ProblemChange)
problem_run = define_table(metadata, "problem_run", ProblemRun)
