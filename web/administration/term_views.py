"""What settings show of terms, calendars and templates, as the platform gives it."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import BaseModel


class Policy(BaseModel):
    """How long something may take."""

    id: UUID
    regime: str
    clock: str
    term: dict[str, int | str]
    name: str
    group: str | None
    topic: str | None
    channel: str | None
    importance: str | None
    kind: str | None
    case: str | None
    weekend_rule: str
    start_from: str
    restart_on_redirect: bool
    pauses: list[str]
    max_extension_days: int
    basis: str
    valid_from: datetime
    valid_to: datetime | None
    version: int


class Policies(BaseModel):
    """The newest version of each."""

    items: list[Policy]
    next_cursor: str | None


class TrialSide(BaseModel):
    """Clocks under one set of policies."""

    clocks: int
    in_time: int
    late: int
    in_time_share: float | None


class PolicyTrial(BaseModel):
    """What a term would have changed in the last days."""

    appeals: int
    complete: bool
    changed: int
    earlier: int
    later: int
    before: TrialSide
    after: TrialSide


class ShortDay(BaseModel):
    """A working day with hours of its own."""

    date: date
    hours: list[list[str]]


class MarkedDay(BaseModel):
    """A day off, or a weekend that works."""

    date: date
    reason: str = ""


class Calendar(BaseModel):
    """A region's own days and hours over the national ones."""

    region: str
    version: int
    zone: str
    office_hours: dict[str, list[list[str]]]
    days_off: list[MarkedDay]
    working_days: list[MarkedDay]
    short_days: list[ShortDay]
    shorten_pre_holidays: bool
    known_until: int
    zones: dict[str, str]
    settled: bool


class Template(BaseModel):
    """Words that answers begin with."""

    id: UUID
    region: str
    organisation: UUID | None
    topic: str | None
    outcome: str | None
    name: str
    text: str
    active: bool
    version: int


class Templates(BaseModel):
    """Part of the templates."""

    items: list[Template]
    next_cursor: str | None
