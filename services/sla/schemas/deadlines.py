"""Deadlines: the arithmetic on its own, and the clocks of appeals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictInt

from chassis.bodies import Body
from chassis.times import Instant
from services.sla.schemas.types import ClockName, Code, Municipality, Region, StateName, Text

Amount = Annotated[StrictInt, Field(ge=1, le=1_000_000)]


class TermBody(Body):
    """`{"days", "unit": "calendar_day|working_day"}`, `{"hours", "unit": "calendar_hour|working_hour"}` or
    `{"minutes"}`."""

    days: Amount | None = None
    hours: Amount | None = None
    minutes: Amount | None = None
    unit: Literal["calendar_day", "working_day", "calendar_hour", "working_hour", "minute"] | None = None

    def as_data(self) -> dict[str, Any]:
        """The shape `terms.parse_term` reads."""
        return self.model_dump(exclude_none=True)


class PauseBody(Body):
    """The clock stood still in [from, to)."""

    model_config = ConfigDict(populate_by_name=True)

    since: Instant = Field(alias="from")
    until: Instant = Field(alias="to")


class PreviewBody(Body):
    """What to count. `municipality` (ОКТМО) chooses the zone where a region has several."""

    region: Region
    municipality: Municipality | None = None
    start: Instant
    term: TermBody
    weekend_rule: Literal["previous", "next", "none"] = "none"
    pauses: list[PauseBody] = Field(default_factory=list, max_length=366)


class Preview(BaseModel):
    """The result in the body's zone; `certain`: the transfers of the due year are decreed."""

    due_at: datetime
    due_on: date
    explanation: list[dict[str, Any]]
    certain: bool


class Deadline(BaseModel):
    """One clock. `due_at` null: it stands still. `reason`: the one sentence citizens and bodies see, too."""

    clock: ClockName
    appeal_id: UUID
    assignment_id: UUID | None
    due_at: datetime | None
    due_on: date | None
    state: StateName
    policy_id: UUID | None
    explanation: list[dict[str, Any]]
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


class MarkBody(Body):
    """A case that gives the appeal terms of its own (see the policies' `case`), or, with `applies` false, does not."""

    case: Code
    applies: bool = True
    reason: Text


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
    clock: ClockName
    minimum_sample: int
    items: list[Punctuality]


class Overdue(BaseModel):
    """Open overdue clocks of one organisation."""

    organisation_id: UUID | None
    count: int
    oldest_due_at: datetime


class Overview(BaseModel):
    """A region's open clocks at a glance."""

    region: str
    by_state: dict[str, int]
    due_soon: int
    due_soon_hours: int
    overdue: list[Overdue]
