"""A region's calendar and its organisations' office hours."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StrictInt

from chassis.bodies import Body
from chassis.replacing import Moving, ReadOnly, Replacement
from chassis.times import Day, Instant
from services.sla.calendars.rules.calendar_codec import dump_calendar
from services.sla.calendars.rules.office_hours import Office
from services.sla.calendars.schemas import ClockTime, Code, OktmoPrefix, Text
from services.sla.policies.rules.region_config import RegionConfig

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Spans = Annotated[list[Annotated[list[ClockTime], Field(min_length=2, max_length=2)]], Field(max_length=12)]


class Week(Body):
    """Opening spans per weekday, `[["09:00", "13:00"], ["14:00", "18:00"]]`; a day left out is closed."""

    mon: Spans = Field(default_factory=list)
    tue: Spans = Field(default_factory=list)
    wed: Spans = Field(default_factory=list)
    thu: Spans = Field(default_factory=list)
    fri: Spans = Field(default_factory=list)
    sat: Spans = Field(default_factory=list)
    sun: Spans = Field(default_factory=list)


class DayWithReason(Body):
    """A day off or a working day of the region, and why."""

    date: Day
    reason: Text | None = None


class ShortDay(Body):
    """A working day with hours of its own; one without any would be a day off."""

    date: Day
    hours: Annotated[Spans, Field(min_length=1)]


class SentHours(Body):
    """An organisation with hours of its own, as it was read."""

    organisation_id: UUID
    office_hours: dict[Weekday, Spans]


class CalendarBody(Replacement):
    """The region's calendar over the national one; it replaces the former. `zones`: ОКТМО prefix → IANA zone, where a
    municipality differs. `note`: why it is changed, shown where deadlines move."""

    office_hours: Week | None = None
    days_off: list[DayWithReason] = Field(default_factory=list, max_length=2000)
    working_days: list[DayWithReason] = Field(default_factory=list, max_length=2000)
    short_days: list[ShortDay] = Field(default_factory=list, max_length=2000)
    shorten_pre_holidays: bool = False
    known_until: Annotated[StrictInt, Field(ge=2000, le=2199)] | None = None
    zones: Annotated[dict[OktmoPrefix, Code], Field(max_length=500)] = Field(default_factory=dict)
    note: Text = "изменён календарь региона"
    region: ReadOnly[str] = None
    version: ReadOnly[int] = None
    since: ReadOnly[Instant] = None
    zone: ReadOnly[str] = None
    organisations: ReadOnly[list[SentHours]] = None
    settled: Moving[bool] = None

    def as_data(self) -> dict[str, object]:
        """The shape `calendar_codec.parse_calendar` reads, with `zones`."""
        wanted = set(self.wanted()) - {"note"}
        return self.model_dump(mode="json", exclude_none=True, include=wanted)


ShownWeek = dict[str, list[list[str]]]


class ShownDay(BaseModel):
    """A working day with hours of its own."""

    date: str
    hours: list[list[str]]


class OwnHours(BaseModel):
    """An organisation with hours of its own."""

    organisation_id: UUID
    office_hours: ShownWeek


class CalendarView(BaseModel):
    """The calendar in force. `settled` false: running clocks are still being moved to it."""

    region: str
    version: int
    since: datetime | None
    zone: str
    zones: dict[str, str]
    office_hours: ShownWeek
    days_off: list[dict[str, str]]
    working_days: list[dict[str, str]]
    short_days: list[ShownDay]
    shorten_pre_holidays: bool
    known_until: int
    organisations: list[OwnHours]
    settled: bool


class OfficeHoursBody(Replacement):
    """Hours of one organisation; null: the region's again."""

    office_hours: Week | None
    note: Text = "изменены часы работы органа"
    organisation_id: ReadOnly[UUID] = None


def describe_calendar(config: RegionConfig, now: datetime, *, settled: bool = True) -> CalendarView:
    """A region's calendar as GET gives it."""
    newest = config.newest_edit
    since = newest.since if config.calendars else None
    data = dump_calendar(config.calendar_of(Office(config.region), since or now))
    own = [
        OwnHours(organisation_id=UUID(organisation), office_hours=dict(edits[-1].hours))
        for organisation, edits in config.hours.items()
        if edits[-1].hours
    ]
    zones = dict(newest.data.get("zones", {}))
    return CalendarView.model_validate(
        {**data, "since": since, "zones": zones, "organisations": own, "settled": settled}
    )
