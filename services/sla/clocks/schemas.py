"""Deadlines: the arithmetic on its own, and the clocks of appeals."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel

from contracts.sla import ClockKind, ClockState
from services.sla.calendars.rules.explanations import Step


class Deadline(BaseModel):
    """One clock. `due_at` null: it stands still. `reason`: the one sentence citizens and organisations see, too."""

    clock: ClockKind
    appeal_id: UUID
    assignment_id: UUID | None
    due_at: datetime | None
    due_on: date | None
    state: ClockState
    policy_id: UUID | None
    explanation: list[Step]
    reason: str
    cycle: int
    organisation_id: UUID | None
    region: str
    lead: bool
    started_at: datetime
    met_at: datetime | None
    policy_version: int | None
    calendar_version: int
    version: int


class Deadlines(BaseModel):
    """A page of clocks, the most urgent first."""

    items: list[Deadline]
    next_cursor: str | None = None


class Punctuality(BaseModel):
    """How an organisation kept its terms; `share` is null below the minimum sample (`enough` false)."""

    organisation_id: UUID
    measured: int
    in_time: int
    late: int
    share: float | None
    enough: bool


class PunctualityTable(BaseModel):
    """Worst first, those without enough cases last."""

    region: str
    clock: ClockKind
    minimum_sample: int
    items: list[Punctuality]


class Overdue(BaseModel):
    """Open overdue clocks of one organisation."""

    organisation_id: UUID | None
    count: int
    oldest_due_at: datetime


class Overview(BaseModel):
    """A region's open clocks at a glance. `extensions_pending`: requests for more days that wait for a decision."""

    region: str
    by_state: dict[str, int]
    due_soon: int
    due_soon_hours: int
    overdue: list[Overdue]
    extensions_pending: int
